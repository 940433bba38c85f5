namespace RestKv.Api.Cli;

/// <summary>What the configuration gave reason to warn about; logged once the log exists.</summary>
internal sealed record StartupWarnings(IReadOnlyList<string> Texts);

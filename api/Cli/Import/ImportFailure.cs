namespace RestKv.Api.Cli.Import;

/// <summary>Why an import ends, in a sentence for people, and with which code.</summary>
internal sealed class ImportFailure(int exitCode, string text) : Exception(text)
{
    public int ExitCode { get; } = exitCode;
}

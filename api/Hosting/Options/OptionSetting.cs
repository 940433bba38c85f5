namespace RestKv.Api.Hosting.Options;

/// <summary>One setting as somebody wrote it.</summary>
/// <param name="Place">Flag, variable, or file and line: what a person needs to find it.</param>
internal sealed record OptionSetting(OptionDefinition Definition, string Text, OptionSource Source, string Place);

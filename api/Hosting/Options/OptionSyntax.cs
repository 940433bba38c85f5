using System.Globalization;

namespace RestKv.Api.Hosting.Options;

/// <summary>How values of one type are written in flags, variables and files.</summary>
internal sealed record OptionSyntax<T>(string ValueName, Func<string, Parsed<T>> Parse, Func<T, string> Show);

/// <summary>The syntaxes there are.</summary>
internal static class OptionSyntax
{
    public static readonly OptionSyntax<string> Text = new("TEXT", text => text, value => value);

    public static readonly OptionSyntax<string> Directory = new("DIR", ParseDirectory, value => value);

    /// <summary>Empty means none.</summary>
    public static readonly OptionSyntax<string> File = new("FILE", ParseFile, value => value);

    public static readonly OptionSyntax<bool> Switch = new("true|false", ParseSwitch, value => value ? "true" : "false");

    public static readonly OptionSyntax<long> Count = new(
        "N", text => ParseCount(text, long.MaxValue), value => value.ToString(CultureInfo.InvariantCulture));

    public static readonly OptionSyntax<int> SmallCount = new(
        "N",
        text => ParseCount(text, int.MaxValue) is { Fault: null } count
            ? (int)count.Value
            : new Parsed<int>(0, ParseCount(text, int.MaxValue).Fault),
        value => value.ToString(CultureInfo.InvariantCulture));

    public static readonly OptionSyntax<long> Size = new("SIZE", ByteSizeText.Parse, ByteSizeText.Show);

    /// <summary>Bare numbers are seconds, as in the API.</summary>
    public static readonly OptionSyntax<TimeSpan> Duration = new(
        "DURATION", text => DurationText.Parse(text, TimeSpan.FromSeconds(1)), DurationText.Show);

    /// <summary>Bare numbers are milliseconds, as etcd has it for these options.</summary>
    public static readonly OptionSyntax<TimeSpan> Milliseconds = new(
        "DURATION", text => DurationText.Parse(text, TimeSpan.FromMilliseconds(1)), DurationText.Show);

    public static readonly OptionSyntax<IReadOnlyList<Uri>> Urls = new("URL,...", UrlListText.Parse, UrlListText.Show);

    public static readonly OptionSyntax<IReadOnlyList<InitialMember>> Members = new(
        "NAME=URL,...", InitialMembersText.Parse, InitialMembersText.Show);

    public static readonly OptionSyntax<IReadOnlyList<string>> Names = new(
        "NAME,...", ParseNames, names => string.Join(',', names));

    public static OptionSyntax<T> Choice<T>()
        where T : struct, Enum
    {
        var words = Enum.GetNames<T>().Select(name => name.ToLowerInvariant()).ToArray();
        return new(
            string.Join('|', words),
            text => Array.IndexOf(words, text) is >= 0 and var position
                ? Enum.GetValues<T>()[position]
                : new Parsed<T>(default, $"must be one of: {string.Join(", ", words)}"),
            value => value.ToString().ToLowerInvariant());
    }

    /// <summary>A value that may be left out, which is not the same as any value.</summary>
    public static OptionSyntax<T?> Optional<T>(OptionSyntax<T> syntax)
        where T : struct =>
        new(
            syntax.ValueName,
            text => syntax.Parse(text) is { Fault: null } parsed
                ? new Parsed<T?>(parsed.Value, null)
                : new Parsed<T?>(null, syntax.Parse(text).Fault),
            value => value is { } given ? syntax.Show(given) : "");

    private static Parsed<string> ParseDirectory(string text) =>
        text.Length == 0 ? new Parsed<string>(null, "must name a directory")
            : text.Contains('\0', StringComparison.Ordinal) ? new Parsed<string>(null, "is not a path")
            : Path.TrimEndingDirectorySeparator(Path.GetFullPath(text));

    private static Parsed<string> ParseFile(string text) =>
        text.Length == 0 ? ""
            : text.Contains('\0', StringComparison.Ordinal) ? new Parsed<string>(null, "is not a path")
            : Path.GetFullPath(text);

    private static Parsed<bool> ParseSwitch(string text) => text switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => new Parsed<bool>(false, "must be true or false (1 or 0)"),
    };

    private static Parsed<long> ParseCount(string text, long max) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= max
            ? count
            : new Parsed<long>(0, $"must be a whole number from 0 to {max}");

    private static Parsed<IReadOnlyList<string>> ParseNames(string text)
    {
        var names = text.Split(',');
        return Array.Exists(names, name => name.Length == 0 || name != name.Trim())
            ? new Parsed<IReadOnlyList<string>>(null, "must be names with single commas between them, and no spaces")
            : names;
    }
}

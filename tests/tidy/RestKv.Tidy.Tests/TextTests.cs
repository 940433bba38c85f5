using System.Text.RegularExpressions;

namespace RestKv.Tidy.Tests;

/// <summary>What no file may contain.</summary>
public sealed partial class TextTests
{
    [Fact]
    public void Lines_end_with_a_line_feed_and_files_with_a_line() =>
        Findings.None(SourceFile.All
            .Where(file => file.Text.Length > 0 && (file.Text.Contains('\r', StringComparison.Ordinal) || !file.Text.EndsWith('\n')))
            .Where(file => !file.Path.Contains("/data/", StringComparison.Ordinal) && file.Path != "openapi/restkv.json")
            .Select(file => $"{file}: carriage return, or no line feed at the end"));

    [Fact]
    public void Nothing_is_left_to_be_done_in_a_comment() =>
        Findings.None(Matches(UnfinishedWord(), file => file.Path.EndsWith(".cs", StringComparison.Ordinal)));

    [Fact]
    public void Warnings_are_mended_or_justified_never_switched_off_in_place() =>
        Findings.None(Matches(WarningSwitch(), file => file.Path.EndsWith(".cs", StringComparison.Ordinal)));

    [Fact]
    public void Every_suppression_says_why() =>
        Findings.None(SourceFile.CSharp.SelectMany(file => Suppression().Matches(file.Text)
            .Where(match => !match.Value.Contains("Justification", StringComparison.Ordinal))
            .Select(match => $"{file}: {match.Value}")));

    /// <summary>Paths, registries and addresses of the machine a change was made on belong into no file.</summary>
    [Fact]
    public void Nothing_depends_on_one_machine() =>
        Findings.None(Matches(MachinePath(), file => file.Name != "TextTests.cs"));

    [Fact]
    public void No_package_registry_is_named() =>
        Findings.None(SourceFile.All
            .Where(file => file.Name.Equals("nuget.config", StringComparison.OrdinalIgnoreCase)
                || (file.Name is "package-lock.json" && file.Text.Contains("\"resolved\"", StringComparison.Ordinal))
                || (file.Name is ".npmrc" && file.Text.Contains("registry=", StringComparison.Ordinal)))
            .Select(file => $"{file}: names a registry"));

    [Fact]
    public void Tests_do_not_sleep_and_are_not_skipped() =>
        Findings.None(Matches(
            SleepOrSkip(),
            file => file.IsIn("tests") && file.Path.EndsWith("Tests.cs", StringComparison.Ordinal) && file.Name != "TextTests.cs"));

    private static IEnumerable<string> Matches(Regex pattern, Func<SourceFile, bool> applies) =>
        SourceFile.All.Where(applies).SelectMany(file => file.Lines
            .Select((line, number) => (line, number))
            .Where(entry => pattern.IsMatch(entry.line))
            .Select(entry => $"{file}:{entry.number + 1}: {entry.line.Trim()}"));

    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b|NotImplemented[E]xception")]
    private static partial Regex UnfinishedWord();

    [GeneratedRegex(@"#[p]ragma|#nullable [d]isable")]
    private static partial Regex WarningSwitch();

    [GeneratedRegex(@"\[(assembly: )?SuppressMessage\((?s:.*?)\)\]")]
    private static partial Regex Suppression();

    [GeneratedRegex(@"(?<![\w.])/(work|home|Users)/\w|C:\\Users")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"Thread\.Sleep\(|Task\.Delay\(|\bSkip = ")]
    private static partial Regex SleepOrSkip();
}

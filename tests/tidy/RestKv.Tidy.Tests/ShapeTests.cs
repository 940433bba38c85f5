using System.Text.RegularExpressions;

namespace RestKv.Tidy.Tests;

/// <summary>Sizes and names of source files: what keeps the house easy to read.</summary>
public sealed partial class ShapeTests
{
    private const int FileLinesAim = 400;
    private const int FileLinesMax = 500;
    private const int FilesAboveAimMax = 3;
    private const int MethodLinesMax = 60;

    /// <summary>120 is the aim; beyond this the end of a line is not seen.</summary>
    private const int ColumnsMax = 150;

    /// <summary>Files of one idea whose parts mean nothing apart: they are named after the idea.</summary>
    private static readonly string[] Families =
    [
        "raft/Ids.cs", "core/Replication/SnapshotStreams.cs", "api/Contracts/KvAnswers.cs", "api/Contracts/LeaseAnswers.cs",
        "api/Contracts/MaintenanceAnswers.cs", "api/Contracts/ClusterAnswers.cs", "api/Contracts/MemberAnswers.cs",
        "api/Peers/PeerReports.cs", "api/Contracts/MemberRequests.cs", "api/Contracts/TxnAnswers.cs",
        "api/Contracts/AuthRequests.cs", "api/Contracts/AuthAnswers.cs",
    ];

    [Fact]
    public void Files_are_short() =>
        Findings.None(SourceFile.CSharp
            .Where(file => file.Lines.Length > FileLinesMax)
            .Select(file => $"{file}: {file.Lines.Length} lines"));

    [Fact]
    public void Long_files_are_exceptions() =>
        Findings.AtMost(FilesAboveAimMax, SourceFile.CSharp
            .Where(file => !file.IsIn("tests") && file.Lines.Length > FileLinesAim)
            .Select(file => $"{file}: {file.Lines.Length} lines"));

    [Fact]
    public void Methods_are_short() =>
        Findings.None(SourceFile.CSharp.SelectMany(file => LongBodies(file).Select(finding => $"{file}:{finding}")));

    [Fact]
    public void Lines_fit_the_screen() =>
        Findings.None(SourceFile.CSharp.SelectMany(file => file.Lines
            .Select((line, number) => (line, number))
            .Where(entry => entry.line.Length > ColumnsMax && !MayBeLong().IsMatch(entry.line))
            .Select(entry => $"{file}:{entry.number + 1}: {entry.line.Length} columns")));

    [Fact]
    public void A_file_is_named_after_a_type_in_it() =>
        Findings.None(SourceFile.CSharp
            .Where(file => TopLevelType().IsMatch(file.Text))
            .Where(file => !TopLevelType().Matches(file.Text).Any(type => type.Groups["name"].Value == file.Name.Split('.')[0]))
            .Where(file => !Families.Contains(file.Path))
            .Select(file => $"{file}: holds {string.Join(", ", TopLevelType().Matches(file.Text).Select(type => type.Groups["name"].Value))}"));

    [Fact]
    public void A_file_holds_one_public_class() =>
        Findings.None(SourceFile.CSharp
            .Where(file => !file.IsIn("tests"))
            .Where(file => TopLevelType().Matches(file.Text)
                .Count(type => type.Groups["visibility"].Value == "public"
                    && type.Groups["kind"].Value is "class"
                    && !type.Groups["name"].Value.EndsWith("Exception", StringComparison.Ordinal)) > 1)
            .Select(file => $"{file}: several public classes"));

    [Fact]
    public void Public_types_say_what_they_are_for() =>
        Findings.None(SourceFile.CSharp
            .Where(file => !file.IsIn("tests"))
            .SelectMany(file => TopLevelType().Matches(file.Text)
                .Where(type => type.Groups["kind"].Value is "class" or "interface" && !IsDocumented(file, type.Groups["name"].Value))
                .Select(type => $"{file}: {type.Groups["name"].Value} has no summary")));

    /// <summary>Blocks whose braces stand at the indentation of members; formatting is checked, so indentation tells structure.</summary>
    private static IEnumerable<string> LongBodies(SourceFile file)
    {
        var lines = file.Lines;
        for (var start = 1; start < lines.Length; start++)
        {
            var indent = lines[start].Length - 1;
            if (lines[start] != new string(' ', Math.Max(indent, 0)) + "{" || indent is not (4 or 8) || IsTypeOrTable(lines, start))
            {
                continue;
            }

            var closing = new string(' ', indent) + "}";
            var end = Array.FindIndex(lines, start, line => line.StartsWith(closing, StringComparison.Ordinal));
            if (end - start - 1 > MethodLinesMax)
            {
                yield return $"{start}: a body of {end - start - 1} lines";
            }
        }
    }

    /// <summary>Of a type, whose members are counted one by one, or of a table, which is as long as it has rows.</summary>
    private static bool IsTypeOrTable(string[] lines, int brace)
    {
        if (lines[brace - 1].EndsWith("= new()", StringComparison.Ordinal) || lines[brace - 1].EndsWith("=> new()", StringComparison.Ordinal))
        {
            return true;
        }

        for (var line = brace - 1; line >= 0 && lines[line].Trim().Length > 0 && !lines[line].TrimEnd().EndsWith('}'); line--)
        {
            if (NestedType().IsMatch(lines[line]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>One part of a partial type carries the summary for all.</summary>
    private static bool IsDocumented(SourceFile file, string name) =>
        SourceFile.CSharp.Where(other => other.Folder == file.Folder).Any(other =>
            Regex.IsMatch(other.Text, $@"///[^\n]*\n((\[|    |\)])[^\n]*\n)*[^\n]*\b(class|interface) {name}\b"));

    [GeneratedRegex(@"^(?<visibility>public|internal)?( ?(static|sealed|abstract|partial|readonly|ref|unsafe|file))* ?(?<kind>class|struct|record struct|record class|record|interface|enum) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    /// <summary>Patterns and texts as they are on the wire do not gain by being cut.</summary>
    [GeneratedRegex(@"GeneratedRegex|""{3}|InlineData|https?://")]
    private static partial Regex MayBeLong();

    [GeneratedRegex(@"\b(class|struct|record|interface|enum) \w+")]
    private static partial Regex NestedType();
}

using System.Text.RegularExpressions;
using System.Xml.Linq;
using RestKv.Testing;

namespace RestKv.Tidy.Tests;

/// <summary>Who may know whom. References point inwards: api, storage, core, raft.</summary>
public sealed partial class LayeringTests
{
    /// <summary>What every layer may use of raft, because it is no protocol.</summary>
    private static readonly HashSet<string> SharedByAll = new(
        ["Invariant", "InvariantException", "SplitMix64", "Defects", "Defect", "NodeId"], StringComparer.Ordinal);

    private static readonly string[] UnawareOfConsensus =
        ["core/Model", "core/Mvcc", "core/Leases", "core/Auth", "core/Watch", "core/Commands", "core/Outcomes",
        "core/Members", "core/Alarms"];

    [Theory]
    [InlineData("raft/RestKv.Raft.csproj", new string[0])]
    [InlineData("core/RestKv.Core.csproj", new[] { "RestKv.Raft" })]
    [InlineData("storage/RestKv.Storage.csproj", new[] { "RestKv.Core" })]
    [InlineData("api/RestKv.Api.csproj", new[] { "RestKv.Storage" })]
    public void A_layer_references_the_next_one_and_nothing_else(string project, string[] expected) =>
        Assert.Equal(
            expected,
            References(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))));

    [Theory]
    [InlineData("raft/RestKv.Raft.csproj")]
    [InlineData("core/RestKv.Core.csproj")]
    [InlineData("storage/RestKv.Storage.csproj")]
    public void Below_the_shell_there_are_no_packages(string project) => Assert.Empty(References(project, "PackageReference"));

    [Theory]
    [InlineData("raft", "BannedSymbols.Kernel.txt")]
    [InlineData("core", "BannedSymbols.Kernel.txt")]
    [InlineData("storage", "BannedSymbols.Shell.txt")]
    [InlineData("api", "BannedSymbols.Shell.txt")]
    public void The_ban_list_of_a_layer_is_in_force(string folder, string list) =>
        Assert.Contains(list, File.ReadAllText(Repository.PathOf(folder, "Directory.Build.props")), StringComparison.Ordinal);

    [Fact]
    public void The_state_machine_does_not_know_consensus()
    {
        var raftTypes = SourceFile.CSharp.Where(file => file.IsIn("raft"))
            .SelectMany(file => TypeName().Matches(file.Text)).Select(type => type.Groups["name"].Value)
            .Where(name => !SharedByAll.Contains(name)).ToHashSet(StringComparer.Ordinal);
        Assert.Contains("RaftCore", raftTypes);

        Findings.None(SourceFile.CSharp
            .Where(file => Array.Exists(UnawareOfConsensus, file.IsIn) && file.Text.Contains("using RestKv.Raft", StringComparison.Ordinal))
            .SelectMany(file => Word().Matches(WithoutComments(file.Text)).Select(word => word.Value).Distinct()
                .Where(name => raftTypes.Contains(name) && !DeclaredIn(file).Contains(name)).Select(name => $"{file}: uses {name}")));
    }

    [Fact]
    public void Namespaces_follow_folders() =>
        Findings.None(SourceFile.CSharp
            .Where(file => !file.IsIn("tests") && Namespace().Match(file.Text) is { Success: true } found
                && found.Groups["name"].Value != ExpectedNamespace(file))
            .Select(file => $"{file}: {Namespace().Match(file.Text).Groups["name"].Value}, not {ExpectedNamespace(file)}"));

    private static IEnumerable<string> DeclaredIn(SourceFile file) =>
        TypeName().Matches(file.Text).Select(type => type.Groups["name"].Value);

    private static string ExpectedNamespace(SourceFile file)
    {
        var parts = file.Folder.Split('/');
        return string.Join('.', ["RestKv", char.ToUpperInvariant(parts[0][0]) + parts[0][1..], .. parts[1..]]);
    }

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(Repository.PathOf(project)).Descendants(kind).Select(element => element.Attribute("Include")!.Value);

    private static string WithoutComments(string text) => Comment().Replace(text, "");

    [GeneratedRegex(@"\b(class|struct|record|interface|enum) (?<name>[A-Z]\w+)")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?<![.\w])[A-Z]\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}

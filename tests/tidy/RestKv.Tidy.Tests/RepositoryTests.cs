using System.Text.RegularExpressions;
using System.Xml.Linq;
using RestKv.Testing;

namespace RestKv.Tidy.Tests;

/// <summary>That the parts of the repository belong together: projects, packages, documents.</summary>
public sealed partial class RepositoryTests
{
    private static readonly string[] Rooms = ["api", "core", "raft", "storage", "tests"];

    [Fact]
    public void The_solution_lists_every_project_and_no_other()
    {
        var listed = SolutionProject().Matches(File.ReadAllText(Repository.PathOf("RestKv.sln")))
            .Select(match => match.Groups["path"].Value.Replace('\\', '/'));
        var present = SourceFile.All.Select(file => file.Path).Where(path => path.EndsWith(".csproj", StringComparison.Ordinal));

        Assert.Equal(present.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_package_has_one_version_and_every_version_a_package()
    {
        var packages = XDocument.Load(Repository.PathOf("Directory.Packages.props"));
        var pins = packages.Descendants("ItemGroup")
            .Where(group => group.Attribute("Label")!.Value.StartsWith("Pins", StringComparison.Ordinal))
            .Descendants("PackageVersion").Select(Included).ToHashSet(StringComparer.Ordinal);
        var versions = packages.Descendants("PackageVersion").Select(Included).ToArray();
        var used = SourceFile.All
            .Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal) || file.Name == "Directory.Build.props")
            .SelectMany(file => XDocument.Parse(file.Text).Descendants("PackageReference"))
            .Select(Included).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(versions.Distinct(), versions);
        Findings.None(used.Except(versions).Select(name => $"{name}: no version"));
        Findings.None(versions.Except(used).Except(pins).Select(name => $"{name}: not used"));
    }

    [Fact]
    public void Every_room_has_a_design_document_worth_reading() =>
        Findings.None(Rooms.Select(room => $"{room}/DESIGN.md").Where(path =>
            SourceFile.All.FirstOrDefault(file => file.Path == path) is not { Lines.Length: > 20 }));

    [Fact]
    public void Links_between_documents_resolve() =>
        Findings.None(SourceFile.All
            .Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(file => Link().Matches(file.Text)
                .Select(link => link.Groups["target"].Value.Split('#')[0])
                .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
                .Where(target => !Path.Exists(Path.GetFullPath(Path.Combine(Repository.Root, file.Folder, target))))
                .Select(target => $"{file}: {target} is not there")));

    [Fact]
    public void Files_that_design_documents_name_are_there() =>
        Findings.None(SourceFile.All
            .Where(file => file.Name == "DESIGN.md")
            .SelectMany(file => NamedSource().Matches(file.Text)
                .Select(match => match.Groups["name"].Value)
                .Where(name => !SourceFile.All.Any(other =>
                    other.Path.EndsWith("/" + name, StringComparison.Ordinal) || other.Path == name))
                .Select(name => $"{file}: {name} is not there")));

    [Fact]
    public void Continuous_integration_can_be_started() =>
        Assert.True(
            OperatingSystem.IsWindows()
            || File.GetUnixFileMode(Repository.PathOf(".ci", "run")).HasFlag(UnixFileMode.UserExecute));

    private static string Included(XElement element) => element.Attribute("Include")!.Value;

    [GeneratedRegex("""^Project\("\{[^"]+\}"\) = "[^"]+", "(?<path>[^"]+\.csproj)",""", RegexOptions.Multiline)]
    private static partial Regex SolutionProject();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<name>[\w./-]+\.(cs|csproj|props|txt))`")]
    private static partial Regex NamedSource();
}

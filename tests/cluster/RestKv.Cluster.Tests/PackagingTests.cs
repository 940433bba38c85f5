using System.Text.RegularExpressions;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>
/// What can be said about the image without a container engine: its text is checked, and what it would run is run as a process.
/// <see cref="ComposeTests"/> does the same for the compose file.
/// </summary>
public sealed partial class PackagingTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _dockerfile = File.ReadAllText(Repository.PathOf("Dockerfile"));

    [Fact]
    public void Everything_the_image_copies_is_there()
    {
        var sources = CopyLine().Matches(_dockerfile)
            .SelectMany(copy => copy.Groups["paths"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).SkipLast(1)).ToArray();

        Assert.Contains("api/", sources);
        Assert.All(sources, source => Assert.True(Path.Exists(Repository.PathOf(source)), $"{source} is not there"));
    }

    [Fact]
    public void The_image_is_small_unprivileged_and_stops_cleanly()
    {
        var last = _dockerfile[_dockerfile.LastIndexOf("\nFROM ", StringComparison.Ordinal)..];

        Assert.Contains("-chiseled\n", last, StringComparison.Ordinal);
        Assert.Matches("\nUSER [1-9][0-9]+\n", last);
        Assert.Matches("--chown=1654:1654 /data /data\n", last);
        Assert.Contains("\nVOLUME [\"/data\"]\n", last, StringComparison.Ordinal);
        Assert.Contains("\nSTOPSIGNAL SIGTERM\n", last, StringComparison.Ordinal);
        Assert.Matches("HEALTHCHECK [^\n]*CMD \\[\"/app/restkv\", \"health\"\\]\n", last);
        Assert.Contains("\nENTRYPOINT [\"/app/restkv\"]\n", last, StringComparison.Ordinal);
        Assert.Contains("org.opencontainers.image.title", last, StringComparison.Ordinal);
        Assert.DoesNotContain("\nRUN ", last, StringComparison.Ordinal);
    }

    [Fact]
    public void Comments_of_the_code_are_not_published()
    {
        var project = File.ReadAllText(Repository.PathOf("api", "RestKv.Api.csproj"));

        Assert.Contains("<PublishDocumentationFiles>false</PublishDocumentationFiles>", project, StringComparison.Ordinal);
    }

    /// <summary>For its machine, so the packages of that machine are restored when it is published.</summary>
    [Fact]
    public void What_is_published_is_compiled()
    {
        var project = File.ReadAllText(Repository.PathOf("api", "RestKv.Api.csproj"));

        Assert.Matches("<PublishReadyToRun Condition=\"[^\"]*_IsPublishing[^\"]*\">true</PublishReadyToRun>", project);
        Assert.Contains("RUN dotnet publish api ", _dockerfile, StringComparison.Ordinal);
        Assert.DoesNotContain("--no-restore", Comment().Replace(_dockerfile, ""), StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_is_built_for_the_framework_of_the_projects()
    {
        var properties = File.ReadAllText(Repository.PathOf("Directory.Build.props"));
        var framework = Regex.Match(properties, "<TargetFramework>net(?<version>[0-9.]+)<").Groups["version"].Value;

        Assert.All(BaseImage().Matches(_dockerfile), image => Assert.Equal(framework, image.Groups["version"].Value));
        Assert.Equal(2, BaseImage().Count(_dockerfile));
    }

    [Fact]
    public async Task The_image_alone_is_refused_because_it_listens_beyond_loopback()
    {
        var ended = await RestKvBinary.RunAsync(["serve", "--data-dir", _folder.Combine("data")], ImageEnvironment());

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("RESTKV_INSECURE=1", ended.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>ENV of the last stage; the data directory of the image is replaced by flags.</summary>
    private Dictionary<string, string> ImageEnvironment() =>
        EnvironmentPair().Matches(Comment().Replace(_dockerfile, "")).ToDictionary(
            pair => pair.Groups["name"].Value, pair => pair.Groups["value"].Value);

    [GeneratedRegex(@"^COPY (?!--from)(?<paths>[^\n]+)$", RegexOptions.Multiline)]
    private static partial Regex CopyLine();

    [GeneratedRegex("^#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^FROM \S+/(sdk|aspnet):(?<version>[0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex BaseImage();

    [GeneratedRegex(@"\b(?<name>(RESTKV|DOTNET)_\w+)=(?<value>[^\s\\]+)")]
    private static partial Regex EnvironmentPair();
}

using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests;

/// <summary>
/// Golden scripts: the file is both the input and the expected output. With RESTKV_RECORD=1 it is written anew, and the
/// diff is the review.
/// </summary>
public sealed class ScenarioTests
{
    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)!).Order()];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "scenarios");

    [Theory]
    [MemberData(nameof(Names))]
    public void Scenario_plays_as_recorded(string name)
    {
        var expected = File.ReadAllText(Path.Combine(Folder, name + ".txt"));

        var actual = Scenario.Play(expected);

        if (Environment.GetEnvironmentVariable("RESTKV_RECORD") == "1")
        {
            File.WriteAllText(Path.Combine(SourceFolder(), name + ".txt"), actual);
            return;
        }

        Assert.Equal(expected, actual);
    }

    /// <summary>From the test's output folder up to the solution and down again.</summary>
    private static string SourceFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "RestKv.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The solution is not above the tests");
        }

        return Path.Combine(folder.FullName, "tests/unit/RestKv.Raft.Tests/scenarios");
    }
}

using System.Text.RegularExpressions;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>Runs what the README tells people to type, and compares what they are told they will see.</summary>
public sealed partial class ReadmeTourTests : IDisposable
{
    private const string Elided = "…";

    /// <summary>Flags of `restkv` that are no options, and of the other tools the README starts.</summary>
    private static readonly string[] OtherFlags =
    [
        "endpoint", "endpoints", "minutes",
        "from-etcd", "from-user", "from-password-file", "from-trusted-ca-file", "from-cert-file", "from-key-file", "token-file",
        "dry-run", "verify", "once", "until-revision", "prefix", "strip-prefix", "to-prefix", "overwrite",
        "config", "print-config", "help", "project", "build", "hosts", "revision-bump", "cacert", "cert", "key",
    ];

    /// <summary>Known to the loader, and to the tests.</summary>
    private static readonly string[] OtherVariables = ["RESTKV_CONFIG", "RESTKV_RECORD", "RESTKV_SEED"];

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Every_command_of_the_tour_prints_what_the_readme_shows()
    {
        var steps = Steps(await File.ReadAllTextAsync(Repository.PathOf("README.md")));
        Assert.True(steps.Count > 15, "the tour is gone");
        await using var node = await RestKvProcess.StartAsync(_folder.Combine("data"));
        await using var shell = new ShellSession(_folder.Path);
        await shell.RunAsync($"R=http://127.0.0.1:{node.Address.Port}");

        foreach (var (command, expected) in steps)
        {
            var actual = await shell.RunAsync(command);

            Assert.True(
                Pattern(expected).IsMatch(Tidied(actual)),
                $"$ {command}\nshown in the README:\n{expected}\nprinted:\n{actual}");
        }
    }

    [Fact]
    public void Every_flag_and_variable_of_the_readme_exists()
    {
        var readme = File.ReadAllText(Repository.PathOf("README.md"));
        var known = Api.Hosting.Options.OptionCatalog.All;
        var flags = Flag().Matches(readme).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var variables = Variable().Matches(readme).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);

        Assert.Contains("data-dir", flags);
        Assert.Empty(flags.Except([.. known.Select(option => option.Name), .. OtherFlags]));
        Assert.Empty(variables.Except([.. known.Select(option => option.EnvironmentName), .. OtherVariables]));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Commands start with "$ "; what follows up to the next one is their output. R is the server's address.</summary>
    private static List<(string Command, string Output)> Steps(string readme)
    {
        var steps = new List<(string Command, string Output)>();
        foreach (var line in ConsoleBlock().Matches(readme).SelectMany(block => block.Groups["text"].Value.TrimEnd('\n').Split('\n')))
        {
            if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                steps.Add((line[2..], ""));
            }
            else
            {
                steps[^1] = (steps[^1].Command, steps[^1].Output + line + "\n");
            }
        }

        // The address of the README is replaced by the one of the test.
        return
        [
            .. steps.Where(step => !step.Command.StartsWith("R=", StringComparison.Ordinal))
                .Select(step => (step.Command, Tidied(step.Output))),
        ];
    }

    private static Regex Pattern(string expected) =>
        new("^" + Regex.Escape(expected).Replace(Elided, "[^\n]*", StringComparison.Ordinal) + "$");

    private static string Tidied(string text) => text.ReplaceLineEndings("\n").Trim('\n');

    [GeneratedRegex("^```console\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ConsoleBlock();

    [GeneratedRegex(@"(?<![\w-])--(?<name>[a-z][a-z-]+)")]
    private static partial Regex Flag();

    [GeneratedRegex("RESTKV_[A-Z_]*[A-Z]")]
    private static partial Regex Variable();
}

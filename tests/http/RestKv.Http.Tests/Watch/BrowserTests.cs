using System.Globalization;
using RestKv.Http.Tests.Support;
using RestKv.Testing;
using Xunit.Abstractions;

namespace RestKv.Http.Tests.Watch;

/// <summary>EventSource as a browser has it: Debian's Chromium, driven by tests/browser.</summary>
public sealed class BrowserTests(NodeFixture node, ITestOutputHelper output) : IClassFixture<NodeFixture>
{
    private const string Folder = "tests/browser";

    [ChromiumFact]
    public async Task A_browser_cut_off_again_and_again_misses_nothing()
    {
        var folder = Path.Join(Repository.Root, Folder);
        if (!Directory.Exists(Path.Join(folder, "node_modules")))
        {
            var install = await ToolProcess.RunAsync(folder, "npm", "ci", "--no-progress");
            Assert.True(install.ExitCode == 0, install.Output);
        }

        var run = await ToolProcess.RunAsync(
            folder, "node", "eventsource.mjs", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{node.Port}"));

        output.WriteLine(run.Output);
        Assert.True(run.ExitCode == 0, run.Output);
    }
}

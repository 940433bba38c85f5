using System.Diagnostics;
using System.Text;
using RestKv.Testing;

namespace RestKv.Etcd.Tests;

/// <summary>
/// The programs of `tests/etcd`, which start the stores, run the clients and judge. What they print is the evidence; they start
/// everything such that it ends with them.
/// </summary>
internal static class ClientProgram
{
    /// <summary>When the test gives up, which is not how fast anything must be.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    /// <summary>The `restkv` of the same configuration as the tests.</summary>
    private static readonly string Binary = Repository.PathOf(
        "artifacts", "bin", "RestKv.Api", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "restkv");

    /// <summary>Scripts of a client, by the name that `tests/etcd/run` knows them by.</summary>
    public static IEnumerable<string> Scripts(string client) =>
        Directory.EnumerateFiles(Repository.PathOf("tests", "etcd", client))
            .Where(file => Path.GetExtension(file) is ".sh" or ".py" or ".mjs")
            .Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Where(name => !name.StartsWith("lib", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => $"{client}/{name}");

    /// <summary>The script tells the same of etcd and of RestKv, but for what `accepted.txt` lists.</summary>
    public static Task AgreesAsync(string script) => SucceedsAsync("compare", "--binary", Binary, script);

    public static Task PatroniAsync(string scenario, params string[] options) =>
        SucceedsAsync("patroni/run", [scenario, "--binary", Binary, .. options]);

    /// <summary>Runs a program of `tests/etcd`; it must end with 0.</summary>
    public static async Task SucceedsAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Repository.PathOf("tests", "etcd", program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        // Names of files and what programs print is UTF-8 wherever the tests run.
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"tests/etcd/{program} {string.Join(' ', arguments)} did not end:\n{await output}\n{await errors}");
        }

        var said = await output;
        Assert.True(process.ExitCode == 0, $"tests/etcd/{program} {string.Join(' ', arguments)}:\n{said}\n{await errors}");
    }
}

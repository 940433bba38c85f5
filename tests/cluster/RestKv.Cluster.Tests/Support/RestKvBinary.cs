using System.Diagnostics;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Support;

/// <summary>The built `restkv` of the same configuration as the tests, run as a person would run it.</summary>
internal static class RestKvBinary
{
    public static readonly string FilePath = Repository.PathOf(
        "artifacts", "bin", "RestKv.Api", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "restkv");

    /// <summary>How a process is started here: output captured, and no setting of the machine shines through.</summary>
    public static ProcessStartInfo StartInfo(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(FilePath, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (var name in info.Environment.Keys.Where(IsSetting).ToArray())
        {
            info.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[name] = value;
        }

        return info;
    }

    /// <summary>Runs a command that ends by itself.</summary>
    public static async Task<FinishedProcess> RunAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Process.Start(StartInfo(arguments, environment))!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail($"restkv {string.Join(' ', arguments)} did not end: {await error}");
        }

        return new FinishedProcess(process.ExitCode, await output, await error);
    }

    /// <summary>
    /// Until `restkv health` finds the member ready. Once is not enough: the member gives its read a second, and an election or
    /// a machine that stands still takes longer.
    /// </summary>
    public static Task UntilHealthyAsync(IEnumerable<string> flags, IReadOnlyDictionary<string, string>? environment = null)
    {
        var last = "";
        return Eventually.TrueAsync(
            async () =>
            {
                var health = await RunAsync(["health", "--timeout", "60s", .. flags], environment);
                last = $"{health.ExitCode} {health.Output}{health.Error}";
                return (health.ExitCode, health.Output) == (0, "ready\n");
            },
            "restkv health to say ready",
            () => last);
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("RESTKV_", StringComparison.Ordinal) || name.StartsWith("ETCD_", StringComparison.Ordinal);
}

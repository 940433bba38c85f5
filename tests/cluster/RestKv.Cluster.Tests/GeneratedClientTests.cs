using System.Diagnostics;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>The committed OpenAPI document is valid, and a TypeScript client generated from it works against a real node.</summary>
public sealed class GeneratedClientTests : IDisposable
{
    /// <summary>Packages may have to be fetched.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(8);

    private static readonly string Folder = Repository.PathOf("tests", "http", "node");
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task The_document_is_valid_and_the_generated_client_works()
    {
        if (!HasNode())
        {
            await Console.Error.WriteLineAsync("SKIPPED ROW: the generated client needs node and npm");
            return;
        }

        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            await NpmAsync("ci", "--no-audit", "--no-fund");
        }

        await NpmAsync("run", "lint");
        await NpmAsync("run", "generate");
        await NpmAsync("run", "check");
        await using var node = await RestKvProcess.StartAsync(_folder.Path);
        var output = await RunAsync("npx", "tsx", "client.ts", node.Address.ToString().TrimEnd('/'));
        Assert.EndsWith("ok", output.Trim(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static bool HasNode() => Environment.GetEnvironmentVariable("PATH")!.Split(':')
        .Any(directory => File.Exists(Path.Combine(directory, "npm")));

    private static Task<string> NpmAsync(params string[] arguments) => RunAsync("npm", arguments);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
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
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end:\n{await output}\n{await errors}");
        }

        var said = await output;
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}:\n{said}\n{await errors}");
        return said;
    }
}

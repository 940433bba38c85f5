using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using RestKv.Storage.Tests.Support;
using RestKv.Testing;
using Xunit.Abstractions;

namespace RestKv.Storage.Tests.FailingDisk;

/// <summary>
/// A real process on the real file system, with a library before libc that makes one call fail: the errors that the
/// runtime's own flush would hide must end the process before anything more is acknowledged.
/// </summary>
public sealed class FailingDiskTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("fdatasync", 5)]
    [InlineData("fdatasync", 28)]
    [InlineData("pwrite", 5)]
    [InlineData("fsync", 5)]
    public async Task A_call_that_fails_once_ends_the_process_before_the_next_acknowledgement(string call, int error)
    {
        using var folder = new TempFolder();
        if (Compile(folder) is not { } shim)
        {
            return;
        }

        foreach (var at in new[] { 4, 11 })
        {
            var data = folder.Combine($"data-{at}");
            var (exitCode, lines) = await RunAsync(data, shim, call, at, error);
            var acknowledged = lines.Count(line => line.StartsWith("acknowledged", StringComparison.Ordinal));

            Assert.Equal(ChildProcess.DiskFailed, exitCode);
            Assert.Contains($"failed {call} {error}", lines);
            Assert.Contains("poisoned", lines);
            Assert.DoesNotContain(lines, line => line.Contains("after the failure", StringComparison.Ordinal));
            Assert.InRange(acknowledged, 0, ChildProcess.Entries - 1);

            using var store = ReplicaStore.Open(new PhysicalFileSystem(data), Stores.Options);
            Assert.InRange(store.Log.LastIndex.Value, acknowledged, acknowledged + 1);
        }
    }

    [Fact]
    public async Task Without_a_failure_the_same_process_acknowledges_everything()
    {
        using var folder = new TempFolder();
        var (exitCode, lines) = await RunAsync(folder.Combine("data"), shim: null, "none", 0, 0);

        Assert.Equal(0, exitCode);
        Assert.Equal(ChildProcess.Entries, lines.Length);
    }

    [Fact]
    public async Task The_lock_holds_between_two_processes()
    {
        using var folder = new TempFolder();
        using var store = ReplicaStore.Open(new PhysicalFileSystem(folder.Combine("data")), Stores.Options);

        var (exitCode, lines) = await RunAsync(folder.Combine("data"), shim: null, "none", 0, 0);

        Assert.NotEqual(0, exitCode);
        Assert.Empty(lines);
    }

    private static async Task<(int ExitCode, string[] Lines)> RunAsync(string data, string? shim, string call, int at, int error)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "exec", typeof(ChildProcess).Assembly.Location, data },
            Environment =
            {
                ["LD_PRELOAD"] = shim ?? string.Empty,
                ["RESTKV_FAIL_CALL"] = call,
                ["RESTKV_FAIL_AT"] = at.ToString(CultureInfo.InvariantCulture),
                ["RESTKV_FAIL_PATH"] = call == "fsync" ? "/wal" : ".wal",
                ["RESTKV_FAIL_ERRNO"] = error.ToString(CultureInfo.InvariantCulture),
            },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = await process.StandardOutput.ReadToEndAsync();
        await errors;
        await process.WaitForExitAsync();
        return (process.ExitCode, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private string? Compile(TempFolder folder)
    {
        var source = Path.Join(AppContext.BaseDirectory, "FailingDisk", "shim.c");
        var library = folder.Combine("shim.so");
        try
        {
            using var gcc = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]))!;
            gcc.WaitForExit();
            Assert.Equal(0, gcc.ExitCode);
            return library;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            var text = $"SKIPPED: no gcc on this {RuntimeInformation.OSDescription} machine, so no failing disk under a real process";
            output.WriteLine(text);
            Console.WriteLine(text);
            return null;
        }
    }
}

using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>`restkv import` as a person runs it: signals, codes, and a target that changes its leader.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task It_follows_over_a_change_of_the_targets_leader_until_it_is_told_to_cut_over()
    {
        await using var source = await RestKvProcess.StartAsync(_folder.Combine("source"));
        await using var target = await ThreeMembers.StartAsync();
        await PutAsync(source, "before", 0);
        await using var import = RestKvProcess.Launch(
        [
            "import", "--from-etcd", source.Address.ToString(), "--endpoint",
            string.Join(',', target.Members.Select(member => member.ClientUrl)),
        ]);
        await UntilSaysAsync(import, "following: ");

        for (var i = 0; i < 100; i++)
        {
            await PutAsync(source, "first", i);
        }

        await (await target.LeaderAsync()).KillAsync();
        for (var i = 0; i < 100; i++)
        {
            await PutAsync(source, "second", i);
        }

        await import.SendTerminateAsync();

        Assert.True(await import.WaitForExitAsync() == 0, import.Log);
        Assert.Contains("equal: 201 keys", import.Log, StringComparison.Ordinal);
        var listed = await target.Running.First().Patient.GetStringAsync("/v1/kv?prefix=&countOnly=true");
        Assert.Contains("\"count\":201", listed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_with_a_code()
    {
        await using var source = await RestKvProcess.StartAsync(_folder.Combine("source"));
        await using var target = await RestKvProcess.StartAsync(_folder.Combine("target"));
        string[] both = ["import", "--from-etcd", source.Address.ToString(), "--endpoint", target.Address.ToString()];
        await PutAsync(source, "a", 0);
        await PutAsync(target, "b", 0);

        var nothing = await RestKvBinary.RunAsync(["import"]);
        var twice = await RestKvBinary.RunAsync([.. both, "--once", "--verify"]);
        var full = await RestKvBinary.RunAsync([.. both, "--once"]);
        var different = await RestKvBinary.RunAsync([.. both, "--verify"]);
        var counted = await RestKvBinary.RunAsync([.. both, "--dry-run"]);
        var badFile = await RestKvBinary.RunAsync([.. both, "--once", "--trusted-ca-file", _folder.Combine("none.crt")]);
        var done = await RestKvBinary.RunAsync([.. both, "--once", "--overwrite"]);

        Assert.Equal((2, 2, 2, 1), (nothing.ExitCode, twice.ExitCode, full.ExitCode, different.ExitCode));
        Assert.Contains("--from-etcd", nothing.Error, StringComparison.Ordinal);
        Assert.Contains("the target is not empty", full.Error, StringComparison.Ordinal);
        Assert.Contains("\"b000\" is only in the target", different.Output, StringComparison.Ordinal);
        Assert.Equal((0, 2), (counted.ExitCode, badFile.ExitCode));
        Assert.Contains("1 would be written, 1 deleted", counted.Output, StringComparison.Ordinal);
        Assert.Contains("none.crt", badFile.Error, StringComparison.Ordinal);
        Assert.True(done.ExitCode == 0, done.Error);
        Assert.StartsWith("equal: 1 keys", done.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task PutAsync(RestKvProcess node, string name, int number)
    {
        using var answer = await node.Client.PutAsync($"/v1/kv/{name}{number:000}", new StringContent($"{number}"));
        Assert.True(answer.IsSuccessStatusCode);
    }

    private static Task UntilSaysAsync(RestKvProcess process, string text) => Eventually.TrueAsync(
        () => process.Log.Contains(text, StringComparison.Ordinal), $"it says {text}", () => process.Log, Eventually.StartDeadline);
}

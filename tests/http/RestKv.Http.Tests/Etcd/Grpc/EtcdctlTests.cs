using System.Diagnostics;
using RestKv.Http.Tests.Support;
using RestKv.Http.Tests.Watch;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>etcd's own command line, a client written in Go that knows nothing of us.</summary>
public sealed class EtcdctlTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string Etcdctl = "etcdctl";

    [ToolFact(Etcdctl)]
    public async Task Keys_are_put_read_and_deleted()
    {
        Assert.Equal("OK\n", await RunAsync("put ctl/a 1"));
        Assert.Equal("ctl/a\n1\n", await RunAsync("get ctl/a"));
        Assert.Equal("OK\nctl/a\n1\n", await RunAsync("put ctl/a 2 --prev-kv"));
        Assert.Equal("OK\n", await RunAsync("put ctl/b 3"));
        Assert.Equal("ctl/b\nctl/a\n", (await RunAsync("get ctl/ --prefix --keys-only --order DESCEND")).Replace("\n\n", "\n"));
        Assert.Equal("2\nctl/a\n2\nctl/b\n3\n", await RunAsync("del ctl/ --prefix --prev-kv"));
        Assert.Equal("", await RunAsync("get ctl/a"));
    }

    [ToolFact(Etcdctl)]
    public async Task A_refusal_is_told_in_etcds_words()
    {
        Assert.Contains("Error: etcdserver: key is not provided", await FailAsync("put '' x"), StringComparison.Ordinal);
        Assert.Contains(
            "Error: etcdserver: mvcc: required revision is a future revision",
            await FailAsync("get ctl/a --rev 1000000"),
            StringComparison.Ordinal);
        Assert.Contains(
            "etcdserver: requested lease not found", await FailAsync("lease revoke 7b"), StringComparison.Ordinal);
    }

    [ToolFact(Etcdctl)]
    public async Task A_transaction_is_read_from_standard_input()
    {
        const string Text = "ver(\"ctl/t\") = \"0\"\n\nput ctl/t new\n\nget ctl/t\n\n";

        Assert.Equal("SUCCESS\n\nOK\n", await RunAsync("txn", Text));
        Assert.Equal("FAILURE\n\nctl/t\nnew\n", await RunAsync("txn", Text));
    }

    [ToolFact(Etcdctl)]
    public async Task A_lease_is_granted_kept_and_revoked()
    {
        var id = (await RunAsync("lease grant 600")).Split(' ')[1];

        await RunAsync($"put ctl/l v --lease {id}");
        Assert.Contains($"lease {id} keepalived with TTL(600)", await RunAsync($"lease keep-alive {id} --once"), StringComparison.Ordinal);
        Assert.Contains("attached keys([ctl/l])", await RunAsync($"lease timetolive {id} --keys"), StringComparison.Ordinal);
        Assert.Contains(id, await RunAsync("lease list"), StringComparison.Ordinal);
        Assert.Equal($"lease {id} revoked\n", await RunAsync($"lease revoke {id}"));
        Assert.Equal("", await RunAsync("get ctl/l"));
    }

    [ToolFact(Etcdctl)]
    public async Task A_watch_shows_what_happens()
    {
        using var watch = Start("watch ctl/w/ --prefix --prev-kv");

        // It says nothing when it is ready; it has begun when it shows the first of these.
        var first = watch.StandardOutput.ReadLineAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await RunAsync("put ctl/w/begun 1");
                return first.IsCompleted;
            },
            "the watch shows something");
        await RunAsync("put ctl/w/a 1");
        await RunAsync("put ctl/w/a 2");
        await RunAsync("del ctl/w/a");

        var seen = await first + "\n";
        while (!seen.Contains("DELETE", StringComparison.Ordinal))
        {
            seen += await watch.StandardOutput.ReadLineAsync() + "\n";
        }

        watch.Kill();
        Assert.EndsWith("PUT\nctl/w/a\n1\nPUT\nctl/w/a\n1\nctl/w/a\n2\nDELETE\n", seen.Replace("\n\n", "\n"), StringComparison.Ordinal);
    }

    [ToolFact(Etcdctl)]
    public async Task A_lock_is_held_while_a_command_runs()
    {
        Assert.Equal("inside\n", await RunAsync("lock ctl/lock echo inside"));
        Assert.Equal("", await RunAsync("get ctl/lock --prefix"));
    }

    [ToolFact(Etcdctl)]
    public async Task Members_and_endpoints_tell_of_themselves()
    {
        Assert.Contains("started, default", await RunAsync("member list"), StringComparison.Ordinal);
        Assert.Contains("is healthy", await RunAsync("endpoint health"), StringComparison.Ordinal);
        Assert.Contains("\"version\":\"3.", await RunAsync("endpoint status -w json"), StringComparison.Ordinal);
        Assert.Equal("", await RunAsync("alarm list"));
        Assert.Contains("Finished defragmenting", await RunAsync("defrag"), StringComparison.Ordinal);
    }

    private Process Start(string command)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo("bash", ["-c", $"exec {Line(command)}"]) { RedirectStandardOutput = true },
        };
        Assert.True(process.Start());
        return process;
    }

    private async Task<string> RunAsync(string command, string input = "")
    {
        var (code, output) = await ToolProcess.RunAsync("/", "bash", "-c", $"printf '%s' '{input}' | {Line(command)} 2>/dev/null");
        Assert.True(code == 0, $"{command}: {code}\n{output}");
        return output.Trim('\r', '\n') is { Length: > 0 } text ? text + "\n" : "";
    }

    private async Task<string> FailAsync(string command)
    {
        var (code, output) = await ToolProcess.RunAsync("/", "bash", "-c", Line(command));
        Assert.True(code != 0, $"{command}: {output}");
        return output;
    }

    private string Line(string command) => $"ETCDCTL_API=3 etcdctl --endpoints 127.0.0.1:{node.Port} --command-timeout 60s {command}";
}

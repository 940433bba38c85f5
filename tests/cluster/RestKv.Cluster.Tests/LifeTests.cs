using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>Starting, stopping and asking after the health of one real process.</summary>
public sealed class LifeTests : IDisposable
{
    /// <summary>More than are accepted at once, fewer than the system keeps for a process that accepts none.</summary>
    private const int ClientsBeforeStop = 400;

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task What_was_written_is_there_after_a_stop_and_a_start()
    {
        await using (var first = await RestKvProcess.StartAsync(_folder.Path))
        {
            await PutAsync(first, "hello", "world");
            Assert.Equal(0, await first.TerminateAsync());
            Assert.Contains("\"event\":\"Stopping\"", first.Log, StringComparison.Ordinal);
        }

        await using var second = await RestKvProcess.StartAsync(_folder.Path);

        Assert.Equal("world", await second.Client.GetStringAsync("/v1/kv/hello"));
    }

    [Fact]
    public async Task The_data_directory_is_for_its_owner_alone()
    {
        Assert.False(OperatingSystem.IsWindows());
        await using var node = await RestKvProcess.StartAsync(_folder.Combine("data"));

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(_folder.Combine("data")));
    }

    [Fact]
    public async Task Termination_tells_watchers_and_ends_in_time()
    {
        await using var node = await RestKvProcess.StartAsync(_folder.Path);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/watch?prefix=");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync());
        await Eventually.TrueAsync(async () => await stream.ReadLineAsync() == "event: open", "the watch to be open");

        await node.SendTerminateAsync();
        var rest = await stream.ReadToEndAsync();

        Assert.Contains("event: closing", rest, StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"shutdown\"", rest, StringComparison.Ordinal);
        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Whoever_had_connected_before_the_stop_is_answered()
    {
        await using var node = await RestKvProcess.StartAsync(_folder.Path);
        await PutAsync(node, "k", "v");

        // The system connects clients and takes their requests while the process stands still; the stop comes with all of that.
        await node.PauseAsync();
        var clients = Enumerable.Range(0, ClientsBeforeStop).Select(_ => new TcpClient()).ToArray();
        foreach (var client in clients)
        {
            await client.ConnectAsync(node.Address.Host, node.Address.Port);
            await client.GetStream().WriteAsync("GET /v1/kv/k HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        }

        await node.SendTerminateAsync();
        await node.ResumeAsync();

        foreach (var client in clients)
        {
            using (client)
            using (var answer = new StreamReader(client.GetStream()))
            {
                Assert.Equal("HTTP/1.1 200 OK", await answer.ReadLineAsync().WaitAsync(Eventually.Deadline));
            }
        }

        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Fact]
    public async Task Health_says_by_its_exit_code_whether_the_node_is_ready()
    {
        await using var node = await RestKvProcess.StartAsync(_folder.Path);
        var environment = new Dictionary<string, string> { ["RESTKV_LISTEN_CLIENT_URLS"] = $"http://0.0.0.0:{node.Address.Port}" };

        await RestKvBinary.UntilHealthyAsync([], environment);
        await node.TerminateAsync();
        var down = await RestKvBinary.RunAsync(["health", "--timeout", "60s"], environment);

        Assert.Equal(1, down.ExitCode);
        Assert.Contains("no answer", down.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_count_what_was_done()
    {
        await using var node = await RestKvProcess.StartAsync(_folder.Path);
        await PutAsync(node, "a", "1");

        var text = await node.Client.GetStringAsync("/metrics");

        Assert.Contains("\nrestkv_kv_revision 2\n", text, StringComparison.Ordinal);
        Assert.Contains("\nrestkv_kv_keys 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nrestkv_raft_is_leader 1\n", text, StringComparison.Ordinal);
        Assert.Matches("restkv_http_requests_total\\{route=\"[^\"]+\",method=\"PUT\",code=\"201\"\\} 1\n", text);
        Assert.Matches("restkv_wal_fsync_duration_seconds_count [1-9]", text);
    }

    [Fact]
    public async Task Logs_are_json_lines_and_hold_no_keys_and_no_values()
    {
        await using var node = await RestKvProcess.StartAsync(_folder.Path);
        await PutAsync(node, "secret-key", "secret-value");
        await node.TerminateAsync();

        Assert.All(node.Log.Split('\n'), line => Assert.StartsWith("{\"ts\":\"", line, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", node.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_survive_a_change_of_name_and_address_flags()
    {
        await using (var first = await RestKvProcess.StartAsync(_folder.Path))
        {
            await PutAsync(first, "k", "v");
            await first.KillAsync();
        }

        await using var second = await RestKvProcess.StartAsync(
            _folder.Path, null, "--listen-peer-urls", "http://127.0.0.1:2399", "--name", "renamed");

        Assert.Equal("v", await second.Client.GetStringAsync("/v1/kv/k"));
    }

    [Fact]
    public async Task A_configured_retention_is_put_in_force_and_stays_when_it_is_left_out()
    {
        await using (var first = await RestKvProcess.StartAsync(_folder.Path, null, "--retention-revisions", "7", "--retention-age", "5m"))
        {
            await Eventually.TrueAsync(() => HasRetentionAsync(first), "the retention to be set", () => first.Log);
        }

        await using var second = await RestKvProcess.StartAsync(_folder.Path);

        Assert.True(await HasRetentionAsync(second), await second.Client.GetStringAsync("/v1/retention"));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<bool> HasRetentionAsync(RestKvProcess node) =>
        Regex.IsMatch(await node.Client.GetStringAsync("/v1/retention"), "\"revisions\":7,.*\"age\":\"5m\"");

    private static async Task PutAsync(RestKvProcess node, string key, string value)
    {
        using var response = await node.Client.PutAsync($"/v1/kv/{key}", new StringContent(value));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }
}

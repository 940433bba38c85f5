using System.Globalization;
using System.Text.Json;
using RestKv.Http.Tests.Support;
using RestKv.Testing;
using static RestKv.Http.Tests.Etcd.EtcdRequests;

namespace RestKv.Http.Tests.Etcd.Watches;

/// <summary>Watches, keep-alives and observers as JSON over HTTP.</summary>
public sealed class WatchGatewayTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Requests_that_follow_each_other_in_the_body_are_answered_line_by_line()
    {
        await using var lines = await LinesAsync(
            "watch",
            WatchOf("gate/a") + " " + WatchOf("gate/b", ",\"watchId\":9,\"prev_kv\":true").Replace("create_request", "createRequest")
                + """{"progress_request":{}}{"cancel_request":{"watch_id":"0"}}""");

        var first = (await lines.NextAsync()).GetProperty("result");
        Assert.Equal("""{"created":true}""", first.Body());
        Assert.Equal(node.Node.View.Revision, first.Revision());
        Assert.Equal("""{"watch_id":"9","created":true}""", (await lines.ResultAsync()).Body());
        var seen = new HashSet<string> { (await lines.ResultAsync()).Body(), (await lines.ResultAsync()).Body() };
        Assert.Equal(["""{"canceled":true}""", """{"watch_id":"-1"}"""], seen.Order(StringComparer.Ordinal));

        await node.DoAsync("kv/put", $$"""{"key":"{{B("gate/a")}}","value":"{{B("no")}}"}""");
        var put = await node.DoAsync("kv/put", $$"""{"key":"{{B("gate/b")}}","value":"{{B("1")}}"}""");
        await node.DoAsync("kv/deleterange", $$"""{"key":"{{B("gate/b")}}"}""");

        var at = put.Revision();
        var pair = $$"""{"key":"{{B("gate/b")}}","create_revision":"{{at}}","mod_revision":"{{at}}","version":"1","value":"{{B("1")}}"}""";
        Assert.Equal($$"""{"watch_id":"9","events":[{"kv":{{pair}}}]}""", (await lines.ResultAsync()).Body());
        Assert.Equal(
            $$"""{"watch_id":"9","events":[{"type":"DELETE","kv":{"key":"{{B("gate/b")}}","mod_revision":"{{at + 1}}"},"prev_kv":{{pair}}}]}""",
            (await lines.ResultAsync()).Body());
    }

    [Fact]
    public async Task A_place_that_is_gone_is_told_as_clients_expect_it()
    {
        await node.DoAsync("kv/put", $$"""{"key":"{{B("gate/c")}}"}""");
        var at = (await node.DoAsync("kv/put", $$"""{"key":"{{B("gate/c")}}"}""")).Revision();
        await node.DoAsync("kv/compaction", $$"""{"revision":"{{at}}"}""");
        await using var lines = await LinesAsync("watch", WatchOf("gate/c", $",\"start_revision\":{at - 1}"));

        Assert.Equal("""{"created":true}""", (await lines.ResultAsync()).Body());
        var gone = await lines.ResultAsync();
        Assert.Equal($$"""{"canceled":true,"compact_revision":"{{at}}"}""", gone.Body());
        Assert.Equal(
            ["cluster_id", "member_id", "raft_term"], gone.GetProperty("header").EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [InlineData("{bad", 400)]
    [InlineData("[]", 400)]
    [InlineData("""{"create_request":5}""", 400)]
    [InlineData("{}", 200)]
    [InlineData("", 200)]
    public async Task A_body_that_asks_for_nothing_does_not_hang(string body, int status)
    {
        var response = await node.CallAsync("watch", body);

        Assert.Equal(status, response.Status);
        Assert.Equal(status == 400, response.Text.Contains("\"error\":{\"grpc_code\":3,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_large_answer_and_its_line_feed_are_one_chunk()
    {
        await using var connection = await node.ConnectAsync();
        var body = System.Text.Encoding.UTF8.GetBytes(WatchOf("gate/large"));
        await connection.WriteAsync(
            [
                .. System.Text.Encoding.ASCII.GetBytes(
                    $"POST /v3/watch HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n"),
                .. body,
            ]);
        await connection.ReadUntilAsync("\r\n\r\n");
        Assert.Contains("created", await ChunkAsync(connection), StringComparison.Ordinal);

        var value = new string('x', 200_000);
        await node.DoAsync("kv/put", $$"""{"key":"{{B("gate/large")}}","value":"{{B(value)}}"}""");

        var chunk = await ChunkAsync(connection);
        Assert.EndsWith("\n", chunk, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(chunk);
        var change = document.RootElement.GetProperty("result").GetProperty("events")[0];
        Assert.Equal(B(value), change.GetProperty("kv").GetProperty("value").GetString());
    }

    [Fact]
    public async Task Keep_alives_are_answered_one_by_one_and_end_with_the_body()
    {
        var lease = (await node.DoAsync("lease/grant", """{"TTL":60}""")).GetProperty("ID").GetString();

        var one = await node.CallAsync("lease/keepalive", $$"""{"ID":"{{lease}}"}""");
        var three = await node.CallAsync("lease/keepalive", $$"""{"ID":"{{lease}}"}{"ID":4242}{"ID":"{{lease}}"}""");

        Assert.Equal(200, one.Status);
        using var answer = JsonDocument.Parse(one.Text);
        Assert.Equal($$"""{"ID":"{{lease}}","TTL":"60"}""", answer.RootElement.GetProperty("result").Body());
        var bodies = three.Text.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("result").Body());
        Assert.Equal([$$"""{"ID":"{{lease}}","TTL":"60"}""", """{"ID":"4242"}""", $$"""{"ID":"{{lease}}","TTL":"60"}"""], bodies);
    }

    [Fact]
    public async Task An_observer_has_a_line_for_each_leader()
    {
        // The answer begins with the first leader.
        var opening = LinesAsync("election/observe", $$"""{"name":"{{B("observed")}}"}""");
        await node.DoAsync("election/campaign", $$"""{"name":"{{B("observed")}}","value":"{{B("v1")}}"}""");
        await using var lines = await opening;

        Assert.Equal(B("v1"), (await lines.ResultAsync()).GetProperty("kv").GetProperty("value").GetString());
    }

    private static async Task<string> ChunkAsync(RawConnection connection)
    {
        var length = int.Parse((await connection.ReadUntilAsync("\r\n"))!.TrimEnd(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var chunk = await connection.ReadUntilAsync("\r\n") ?? "";
        Assert.Equal(length, chunk.Length - 2);
        return chunk[..^2];
    }

    private async Task<JsonLines> LinesAsync(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v3/{path}") { Content = new StringContent(body) };
        var response = await node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Eventually.Deadline);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        return new JsonLines(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>An answer that goes on, one document a line.</summary>
    private sealed class JsonLines(HttpResponseMessage response, StreamReader reader) : IAsyncDisposable
    {
        public async Task<JsonElement> NextAsync()
        {
            var line = await reader.ReadLineAsync().WaitAsync(Eventually.Deadline);
            Assert.NotNull(line);
            return JsonDocument.Parse(line).RootElement;
        }

        public async Task<JsonElement> ResultAsync() => (await NextAsync()).GetProperty("result");

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            response.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

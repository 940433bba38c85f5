using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using RestKv.Http.Tests.Support;
using RestKv.Testing;
using static RestKv.Http.Tests.Etcd.EtcdRequests;

namespace RestKv.Http.Tests.Etcd.Watches;

/// <summary>`GET /v3/watch` as a WebSocket.</summary>
public sealed class WatchSocketTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string Upgrade =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    [Fact]
    public async Task Requests_may_come_at_any_time_and_each_answer_is_a_frame()
    {
        using var socket = await OpenAsync();
        await SendAsync(socket, WatchOf("ws/a"));
        Assert.Equal("""{"created":true}""", (await ResultAsync(socket)).Body());
        await SendAsync(socket, WatchOf("ws/b", ",\"watch_id\":9"));
        Assert.Equal("""{"watch_id":"9","created":true}""", (await ResultAsync(socket)).Body());

        await node.DoAsync("kv/put", $$"""{"key":"{{B("ws/b")}}","value":"{{B("1")}}"}""");
        var events = await ResultAsync(socket);
        Assert.Equal(("9", 1), (events.GetProperty("watch_id").GetString(), events.GetProperty("events").GetArrayLength()));

        await SendAsync(socket, """{"cancel_request":{"watch_id":"9"}}""");
        Assert.Equal("""{"watch_id":"9","canceled":true}""", (await ResultAsync(socket)).Body());
        await CloseAsync(socket);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        await Eventually.TrueAsync(() => node.Node.Watches.OpenCount == 0, "nothing is left");
    }

    [Fact]
    public async Task A_message_may_hold_several_requests_and_come_in_several_frames()
    {
        using var socket = await OpenAsync();
        var text = Encoding.UTF8.GetBytes(WatchOf("ws/c") + " " + WatchOf("ws/d"));
        await socket.SendAsync(text.AsMemory(0, 20), WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
        await socket.SendAsync(text.AsMemory(20), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

        Assert.Equal("""{"created":true}""", (await ResultAsync(socket)).Body());
        Assert.Equal("""{"watch_id":"1","created":true}""", (await ResultAsync(socket)).Body());
        await CloseAsync(socket);
    }

    [Fact]
    public async Task A_large_answer_is_one_message()
    {
        using var socket = await OpenAsync();
        await SendAsync(socket, WatchOf("ws/large"));
        await ResultAsync(socket);
        var value = new string('x', 300_000);
        await node.DoAsync("kv/put", $$"""{"key":"{{B("ws/large")}}","value":"{{B(value)}}"}""");

        var pair = (await ResultAsync(socket)).GetProperty("events")[0].GetProperty("kv");
        Assert.Equal(B(value), pair.GetProperty("value").GetString());
        await CloseAsync(socket);
    }

    [Theory]
    [InlineData("{bad")]
    [InlineData("bad")]
    [InlineData("{\"create_request\":{\"key\":\"YQ==\"}")]
    [InlineData("{\"create_request\":\"}}")]
    public async Task What_cannot_be_read_is_told_and_ends_it(string text)
    {
        using var socket = await OpenAsync();
        await SendAsync(socket, text);

        var error = (await NextAsync(socket))!.Value.GetProperty("error");
        Assert.Equal(3, error.GetProperty("grpc_code").GetInt32());
        Assert.Null(await NextAsync(socket));
        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, socket.CloseStatus);
    }

    [Fact]
    public async Task The_token_comes_as_a_protocol()
    {
        using var socket = await OpenAsync(options =>
        {
            options.AddSubProtocol("Bearer");
            options.AddSubProtocol("WduRWXdDwVzTxgtf.55");
        });

        Assert.Equal("Bearer", socket.SubProtocol);
        await CloseAsync(socket);
    }

    [Fact]
    public async Task A_client_that_breaks_off_leaves_nothing_behind()
    {
        using var socket = await OpenAsync();
        await SendAsync(socket, WatchOf("ws/e"));
        await ResultAsync(socket);

        socket.Abort();

        await Eventually.TrueAsync(() => node.Node.Watches.OpenCount == 0, "nothing is left");
    }

    [Theory]
    [InlineData("https://evil.example", 403)]
    [InlineData("null", 403)]
    [InlineData("http://localhost", 101)]
    public async Task Pages_of_other_origins_may_not(string origin, int status)
    {
        await using var connection = await node.ConnectAsync();
        var response = await connection.SendAsync("GET", "/v3/watch", Upgrade + $"Origin: {origin}\r\n");

        Assert.Equal(status, response.Status);
    }

    [Theory]
    [InlineData("GET", "/v3/kv/range", 405)]
    [InlineData("GET", "/v3/lease/keepalive", 405)]
    [InlineData("POST", "/v3/watch", 400)]
    public async Task Nothing_else_is_a_socket(string method, string path, int status)
    {
        await using var connection = await node.ConnectAsync();
        var response = await connection.SendAsync(method, path, Upgrade + "Accept: text/plain\r\n", method == "POST" ? "{bad"u8.ToArray() : null);

        Assert.Equal(status, response.Status);
    }

    [Fact]
    public async Task Without_an_upgrade_it_is_a_wrong_method()
    {
        Assert.Equal(405, (await node.SendAsync("GET", "/v3/watch")).Status);
    }

    private static async Task SendAsync(ClientWebSocket socket, string text)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, deadline.Token);
    }

    private static async Task<JsonElement> ResultAsync(ClientWebSocket socket)
    {
        var message = await NextAsync(socket);
        Assert.NotNull(message);
        return message.Value.GetProperty("result");
    }

    /// <summary>Null when the server closes.</summary>
    private static async Task<JsonElement?> NextAsync(ClientWebSocket socket)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var gathered = new List<byte>();
        var buffer = new byte[8_192];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, deadline.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            Assert.Equal(WebSocketMessageType.Text, received.MessageType);
            gathered.AddRange(buffer.AsSpan(0, received.Count));
            if (received.EndOfMessage)
            {
                return JsonDocument.Parse(gathered.ToArray()).RootElement;
            }
        }
    }

    private static async Task CloseAsync(ClientWebSocket socket)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, deadline.Token);
    }

    private async Task<ClientWebSocket> OpenAsync(Action<ClientWebSocketOptions>? change = null)
    {
        var socket = new ClientWebSocket();
        change?.Invoke(socket.Options);
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await socket.ConnectAsync(new Uri($"ws://localhost:{node.Port}/v3/watch"), deadline.Token);
        return socket;
    }
}


namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>What concerns a whole connection: keep-alive, and the end of it.</summary>
public sealed class GrpcConnectionTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcTestServer? _server;

    private GrpcTestServer Server => _server!;

    public async Task InitializeAsync() =>
        _server = await GrpcTestServer.StartAsync(
            [
                GrpcTestServer.Unary("Say", (text, _) => new ValueTask<string>(text)),
                GrpcTestServer.Unary("Wait", async (text, call) =>
                {
                    await _release.Task.WaitAsync(call.Aborted);
                    return text;
                }),
                GrpcTestServer.Stream("Listen", async (requests, replies, call) =>
                {
                    await replies.SendAsync((await requests.NextAsync(call.Aborted))!, call.Aborted);
                    await requests.NextAsync(call.Aborted);
                }),
            ]);

    public async Task DisposeAsync() => await Server.DisposeAsync();

    [Fact]
    public async Task Pings_are_answered_however_many_there_are()
    {
        await using var connection = await RawHttp2.OpenAsync(Server.Address.Port);
        for (byte i = 0; i < 200; i++)
        {
            await connection.SendAsync(RawHttp2.Ping, 0, 0, [i, 0, 0, 0, 0, 0, 0, 0]);
            var answer = await connection.NextAsync();
            Assert.Equal((RawHttp2.Ping, RawHttp2.Ack, i), (answer!.Type, answer.Flags, answer.Payload[0]));
        }
    }

    [Fact]
    public async Task A_unary_call_is_answered_in_three_frames()
    {
        await using var connection = await RawHttp2.OpenAsync(Server.Address.Port);
        await CallAsync(connection, 1, "Say", RawHttp2.EndStream);

        Assert.Equal(
            [(RawHttp2.Headers, false), (RawHttp2.Data, false), (RawHttp2.Headers, true)],
            await FramesAsync(connection, 1));
    }

    [Fact]
    public async Task A_refused_call_is_answered_in_one_frame()
    {
        await using var connection = await RawHttp2.OpenAsync(Server.Address.Port);
        await CallAsync(connection, 1, "Nothing", RawHttp2.EndStream);

        Assert.Equal([(RawHttp2.Headers, true)], await FramesAsync(connection, 1));
    }

    [Fact]
    public async Task A_call_that_is_open_when_clients_are_asked_to_go_is_served_and_its_connection_ends()
    {
        await using var connection = await RawHttp2.OpenAsync(Server.Address.Port);
        await CallAsync(connection, 1, "Wait", RawHttp2.EndStream);
        await CallAsync(connection, 3, "Say", RawHttp2.EndStream);
        await FramesAsync(connection, 3);

        Server.Departure.BeginLeaving();
        _release.SetResult();

        var seen = new List<RawHttp2Frame>();
        while (await connection.NextAsync() is { } frame)
        {
            seen.Add(frame);
        }

        Assert.Contains(seen, frame => frame is { Type: RawHttp2.Headers, Stream: 1, EndsStream: true });
        Assert.Contains(seen, frame => frame.Type == RawHttp2.GoAway);
    }

    [Fact]
    public async Task A_stream_is_told_why_it_ends_before_its_connection_does()
    {
        await using var connection = await RawHttp2.OpenAsync(Server.Address.Port);
        await CallAsync(connection, 1, "Listen", 0);
        Assert.Equal(RawHttp2.Headers, (await connection.NextAsync())!.Type);
        Assert.Equal(RawHttp2.Data, (await connection.NextAsync())!.Type);

        Server.Departure.BeginLeaving();

        var seen = new List<RawHttp2Frame>();
        while (await connection.NextAsync() is { } frame)
        {
            seen.Add(frame);
        }

        var end = Assert.Single(seen, frame => frame.Type == RawHttp2.Headers);
        Assert.Contains("etcdserver: server stopped", end.Text, StringComparison.Ordinal);
        Assert.Contains(seen, frame => frame.Type == RawHttp2.GoAway);
    }

    private static async Task CallAsync(RawHttp2 connection, int stream, string method, byte flags)
    {
        await connection.BeginAsync(stream, "POST", $"/{GrpcTestServer.Service}/{method}", "localhost");
        await connection.SendAsync(RawHttp2.Data, flags, stream, GrpcTestClient.Frame("x"));
    }

    /// <summary>Types of the frames of a stream to its end.</summary>
    private static async Task<List<(byte Type, bool Ends)>> FramesAsync(RawHttp2 connection, int stream)
    {
        var frames = new List<(byte, bool)>();
        while (await connection.NextAsync() is { } frame)
        {
            if (frame.Stream == stream)
            {
                frames.Add((frame.Type, frame.EndsStream));
                if (frame.EndsStream)
                {
                    break;
                }
            }
        }

        return frames;
    }
}

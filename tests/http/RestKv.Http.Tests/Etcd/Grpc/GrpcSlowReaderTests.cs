using System.Globalization;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>A client that asks for much and takes little.</summary>
public sealed class GrpcSlowReaderTests
{
    /// <summary>What a client lets the server send before it says more.</summary>
    private const int WindowBytes = 65_535;

    [Fact]
    public async Task A_large_reply_that_is_not_taken_is_given_up()
    {
        var clock = new ManualClock();
        await using var server = await GrpcTestServer.StartAsync(
            [GrpcTestServer.Unary("Big", (text, _) => new ValueTask<string>(new string('x', int.Parse(text, CultureInfo.InvariantCulture))))],
            clock);
        await using var connection = await RawHttp2.OpenAsync(server.Address.Port);
        await connection.BeginAsync(1, "POST", $"/{GrpcTestServer.Service}/Big", "localhost");
        await connection.SendAsync(RawHttp2.Data, RawHttp2.EndStream, 1, GrpcTestClient.Frame("5000000"));
        Assert.Equal(RawHttp2.Headers, (await connection.NextAsync())!.Type);
        for (var taken = 0; taken < WindowBytes;)
        {
            var frame = await connection.NextAsync();
            Assert.Equal(RawHttp2.Data, frame!.Type);
            taken += frame.Payload.Length;
        }

        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(RawHttp2.Reset, (await connection.NextAsync())!.Type);

        // The connection is as good as before.
        await connection.SendAsync(RawHttp2.Ping, 0, 0, new byte[8]);
        Assert.Equal(RawHttp2.Ping, (await connection.NextAsync())!.Type);
    }
}

using System.Net;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests.Watch;

/// <summary>Many watches on one HTTP/2 connection.</summary>
public sealed class WatchHttpTwoTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const int Streams = 50;

    [Fact]
    public async Task Streams_of_one_connection_each_get_their_own_events()
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = false };
        using var client = new HttpClient(handler)
        {
            BaseAddress = node.Client.BaseAddress,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var streams = new List<EventStream>();
        for (var i = 0; i < Streams; i++)
        {
            streams.Add(await EventStream.OpenAsync(client, $"/v1/watch?key=h2/{i}"));
            await streams[i].NextAsync("open");
        }

        for (var i = 0; i < Streams; i++)
        {
            await node.SendAsync("PUT", $"/v1/kv/h2/{i}", "", "v");
        }

        for (var i = 0; i < Streams; i++)
        {
            Assert.Equal($"h2/{i}", (await streams[i].NextAsync("put")).Key);
            await streams[i].DisposeAsync();
        }
    }
}

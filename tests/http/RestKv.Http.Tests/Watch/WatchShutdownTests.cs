using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests.Watch;

/// <summary>What streams hear when the member stops.</summary>
public sealed class WatchShutdownTests
{
    [Fact]
    public async Task Every_stream_is_told_and_ends_cleanly()
    {
        var node = new NodeFixture();
        await node.InitializeAsync();
        var streams = new List<EventStream>();
        for (var i = 0; i < 20; i++)
        {
            streams.Add(await EventStream.OpenAsync(node.Client, "/v1/watch?prefix="));
            await streams[^1].NextAsync("open");
        }

        var reads = streams.ConvertAll(async stream => (await stream.NextAsync(), await stream.NextAsync()));
        await node.DisposeAsync();

        foreach (var read in reads)
        {
            var (closing, end) = await read;
            Assert.Equal("closing", closing?.Name);
            Assert.Equal("shutdown", closing!.Data.GetProperty("reason").GetString());
            Assert.Null(end);
        }
    }
}

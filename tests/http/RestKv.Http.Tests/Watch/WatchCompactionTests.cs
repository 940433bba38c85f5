using System.Globalization;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests.Watch;

/// <summary>Watches of a history that shrinks. A member of its own: compaction is for all keys.</summary>
public sealed class WatchCompactionTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_compacted_start_is_410_before_any_byte_and_a_reset_when_asked_for()
    {
        for (var i = 0; i < 10; i++)
        {
            await node.SendAsync("PUT", "/v1/kv/c/a", "", "v");
        }

        await using var live = await EventStream.OpenAsync(node.Client, "/v1/watch?prefix=other/");
        await live.NextAsync("open");
        var compact = await node.SendAsync("POST", "/v1/compact", "Content-Type: application/json", "{\"rev\":8}");
        Assert.Equal(200, compact.Status);

        var from = await node.SendAsync("GET", "/v1/watch?prefix=c/&from=7");
        var resumed = await node.SendAsync("GET", "/v1/watch?prefix=c/", "Last-Event-ID: 6");
        Assert.Equal((410, "compacted"), (from.Status, from.Code));
        Assert.Equal((410, "compacted"), (resumed.Status, resumed.Code));
        Assert.Equal(8, from.Json.GetProperty("compactedRev").GetInt64());
        Assert.Equal(11, from.Json.GetProperty("rev").GetInt64());

        await using var atTheEdge = await EventStream.OpenAsync(node.Client, "/v1/watch?prefix=c/&from=8");
        await atTheEdge.NextAsync("open");
        Assert.Equal(8, (await atTheEdge.NextAsync("put")).Revision);

        await using var resync = await EventStream.OpenAsync(node.Client, "/v1/watch?prefix=c/&resync=true", "6");
        await resync.NextAsync("open");
        var reset = await resync.NextAsync("reset");
        Assert.Equal("compacted", reset.Data.GetProperty("reason").GetString());
        Assert.Equal("c/a", (await resync.NextAsync("put")).Key);
        var synced = await resync.NextAsync("synced");
        Assert.Equal(synced.Revision.ToString(CultureInfo.InvariantCulture), synced.Id);
    }
}

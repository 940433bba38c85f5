using System.Globalization;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

public sealed class HistoryTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Versions_come_newest_first_with_the_deletions_between()
    {
        await node.SendAsync("PUT", "/v1/kv/his/a", "", "one");
        await node.SendAsync("PUT", "/v1/kv/his/a", "", [0xff]);
        await node.SendAsync("DELETE", "/v1/kv/his/a");
        var last = await node.SendAsync("PUT", "/v1/kv/his/a", "", "again");

        var history = (await node.SendAsync("GET", "/v1/history/his/a")).Json;
        var twin = (await node.SendAsync("GET", "/v1/history64/aGlzL2E")).Json;
        var versions = history.GetProperty("versions");

        Assert.Equal(4, versions.GetArrayLength());
        Assert.Equal("again", versions[0].GetProperty("value").GetString());
        Assert.Equal(last.Json.GetProperty("rev").GetInt64(), versions[0].GetProperty("modRev").GetInt64());
        Assert.Equal(1, versions[0].GetProperty("version").GetInt64());
        Assert.True(versions[1].GetProperty("deleted").GetBoolean());
        Assert.Equal("delete", versions[1].GetProperty("cause").GetString());
        Assert.Equal("/w==", versions[2].GetProperty("base64").GetString());
        Assert.Equal(2, versions[2].GetProperty("version").GetInt64());
        Assert.Equal("one", versions[3].GetProperty("value").GetString());
        Assert.Equal(0, history.GetProperty("compactedRev").GetInt64());
        Assert.Equal("his/a", history.GetProperty("key").GetString());
        Assert.Equal(4, twin.GetProperty("versions").GetArrayLength());
    }

    [Fact]
    public async Task Pages_of_history_are_the_whole_cut_into_pieces()
    {
        for (var i = 0; i < 7; i++)
        {
            await node.SendAsync("PUT", "/v1/kv/his/pages", "", i.ToString(CultureInfo.InvariantCulture));
        }

        var values = new List<string>();
        var target = "/v1/history/his/pages?limit=3";
        while (target.Length > 0)
        {
            var page = (await node.SendAsync("GET", target)).Json;
            values.AddRange(page.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("value").GetString()!));
            target = page.TryGetProperty("nextRev", out var next) ? $"/v1/history/his/pages?limit=3&rev={next.GetInt64()}" : "";
        }

        Assert.Equal(["6", "5", "4", "3", "2", "1", "0"], values);
    }

    [Fact]
    public async Task A_key_without_history_has_none_and_compaction_ends_it()
    {
        await node.SendAsync("PUT", "/v1/kv/his/old", "", "1");
        var now = (await node.SendAsync("PUT", "/v1/kv/his/old", "", "2")).Json.GetProperty("rev").GetInt64();
        await node.SendAsync("POST", "/v1/compact", "", string.Create(CultureInfo.InvariantCulture, $"{{\"rev\":{now}}}"));

        var kept = (await node.SendAsync("GET", "/v1/history/his/old")).Json;
        var never = await node.SendAsync("GET", "/v1/history/his/never");
        var gone = await node.SendAsync("GET", $"/v1/history/his/old?rev={now - 1}");

        Assert.Equal(1, kept.GetProperty("versions").GetArrayLength());
        Assert.Equal(now, kept.GetProperty("compactedRev").GetInt64());
        Assert.Equal((404, "key-not-found"), (never.Status, never.Code));
        Assert.Equal((410, "compacted"), (gone.Status, gone.Code));
    }
}

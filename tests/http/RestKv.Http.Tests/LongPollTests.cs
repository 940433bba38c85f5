using System.Globalization;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

public sealed class LongPollTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_poll_answers_when_the_key_changes()
    {
        var tag = (await node.SendAsync("PUT", "/v1/kv/poll/a", "", "1")).Header("ETag");

        var poll = node.SendAsync("GET", "/v1/kv/poll/a?wait=5m", $"If-None-Match: {tag}");
        await WaitersAsync(1);
        await node.SendAsync("PUT", "/v1/kv/poll/other", "", "x");
        await node.SendAsync("PUT", "/v1/kv/poll/a", "", "2");
        var answer = await poll;

        Assert.Equal((200, "2"), (answer.Status, answer.Text));
        Assert.NotEqual(tag, answer.Header("ETag"));
    }

    [Fact]
    public async Task A_poll_whose_tag_is_stale_answers_at_once()
    {
        await node.SendAsync("PUT", "/v1/kv/poll/stale", "", "1");

        var answer = await node.SendAsync("GET", "/v1/kv/poll/stale?wait=5m", "If-None-Match: \"1\"");
        var without = await node.SendAsync("GET", "/v1/kv/poll/stale?wait=5m");

        Assert.Equal((200, "1"), (answer.Status, answer.Text));
        Assert.Equal(200, without.Status);
    }

    [Fact]
    public async Task A_poll_ends_with_304_when_nothing_changes()
    {
        var tag = (await node.SendAsync("PUT", "/v1/kv/poll/quiet", "", "1")).Header("ETag");

        var answer = await node.SendAsync("GET", "/v1/kv/poll/quiet?wait=50ms", $"If-None-Match: {tag}");

        Assert.Equal(304, answer.Status);
        Assert.Equal(tag, answer.Header("ETag"));
    }

    [Fact]
    public async Task Tag_zero_waits_for_creation_and_a_deletion_answers_404()
    {
        var creation = node.SendAsync("GET", "/v1/kv/poll/born?wait=5m", "If-None-Match: \"0\"");
        await WaitersAsync(1);
        await node.SendAsync("PUT", "/v1/kv/poll/born", "", "hello");
        var born = await creation;

        var deletion = node.SendAsync("GET", "/v1/kv/poll/born?wait=5m", $"If-None-Match: {born.Header("ETag")}");
        await WaitersAsync(1);
        await node.SendAsync("DELETE", "/v1/kv/poll/born");
        var gone = await deletion;
        var absent = await node.SendAsync("GET", "/v1/kv/poll/born?wait=20ms", "If-None-Match: \"0\"");

        Assert.Equal((200, "hello"), (born.Status, born.Text));
        Assert.Equal((404, "key-not-found"), (gone.Status, gone.Code));
        Assert.Equal("\"0\"", gone.Header("ETag"));
        Assert.Equal(304, absent.Status);
    }

    [Fact]
    public async Task A_range_poll_gives_the_changes_and_where_to_go_on()
    {
        var since = node.Node.View.Revision;
        await node.SendAsync("PUT", "/v1/kv/rp/a", "", "1");
        await node.SendAsync("PUT", "/v1/kv/elsewhere", "", "x");
        await node.SendAsync("DELETE", "/v1/kv/rp/a");

        var changes = (await node.SendAsync("GET", Since("/v1/kv?prefix=rp/&wait=5m", since))).Json;
        var next = changes.GetProperty("next").GetInt64();
        var poll = node.SendAsync("GET", Since("/v1/kv?prefix=rp/&wait=5m", next));
        await WaitersAsync(1);
        await node.SendAsync("POST", "/v1/txn", "",
            """{"then":[{"put":{"key":"rp/b","value":"1"}},{"put":{"key":"no","value":"1"}},{"put":{"key":"rp/c","value":"2"}}]}""");
        var later = (await poll).Json;

        var list = changes.GetProperty("changes");
        Assert.Equal(2, list.GetArrayLength());
        Assert.Equal("put", list[0].GetProperty("type").GetString());
        Assert.Equal("1", list[0].GetProperty("value").GetString());
        Assert.Equal("delete", list[1].GetProperty("type").GetString());
        Assert.Equal("delete", list[1].GetProperty("cause").GetString());
        Assert.Equal(since + 3, next);
        Assert.Equal(["rp/b", "rp/c"], later.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("key").GetString()));
        Assert.Equal(next + 1, later.GetProperty("next").GetInt64());
    }

    [Fact]
    public async Task Changes_are_cut_between_revisions_and_none_is_lost()
    {
        var since = node.Node.View.Revision;
        for (var i = 0; i < 3; i++)
        {
            await node.SendAsync("POST", "/v1/txn", "",
                """{"then":[{"put":{"key":"cut/a","value":"1"}},{"put":{"key":"cut/b","value":"1"}}]}""");
        }

        var keys = 0;
        var more = true;
        for (var at = since; more;)
        {
            var page = (await node.SendAsync("GET", Since("/v1/kv?prefix=cut/&limit=1", at))).Json;
            Assert.Equal(2, page.GetProperty("changes").GetArrayLength());
            keys += page.GetProperty("changes").GetArrayLength();
            at = page.GetProperty("next").GetInt64();
            more = page.TryGetProperty("more", out _);
        }

        Assert.Equal(6, keys);
    }

    [Fact]
    public async Task A_quiet_range_poll_ends_with_304_and_one_in_the_future_is_refused()
    {
        var now = node.Node.View.Revision;

        var quiet = await node.SendAsync("GET", Since("/v1/kv?prefix=quiet/&wait=50ms", now));
        var future = await node.SendAsync("GET", Since("/v1/kv?prefix=quiet/&wait=50ms", now + 1000));
        var none = await node.SendAsync("GET", Since("/v1/kv?prefix=quiet/", now));

        Assert.Equal(304, quiet.Status);
        Assert.Equal((400, "future-revision"), (future.Status, future.Code));
        Assert.Equal(0, none.Json.GetProperty("changes").GetArrayLength());
    }

    private static string Since(string target, long revision) =>
        string.Create(CultureInfo.InvariantCulture, $"{target}&since={revision}");

    private Task WaitersAsync(int count) =>
        RestKv.Testing.Eventually.TrueAsync(() => node.Node.Watches.OpenCount >= count, "the poll is waiting");
}

using RestKv.Http.Tests.Support;
using static RestKv.Http.Tests.Etcd.EtcdRequests;

namespace RestKv.Http.Tests.Etcd;

/// <summary>Puts, ranges, deletes and compaction with etcd's meaning. Each test has keys of its own.</summary>
public sealed class EtcdKvTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string Compacted = "etcdserver: mvcc: required revision has been compacted";
    private const string Future = "etcdserver: mvcc: required revision is a future revision";

    [Fact]
    public async Task A_key_is_created_overwritten_and_deleted()
    {
        var first = (await node.DoAsync("kv/put", Put("kv", "1"))).Revision();
        var second = await node.DoAsync("kv/put", $$"""{"key":"{{B("kv")}}","value":"{{B("2")}}","prev_kv":true}""");
        var read = await node.DoAsync("kv/range", $$"""{"key":"{{B("kv")}}"}""");
        var past = await node.DoAsync("kv/range", $$"""{"key":"{{B("kv")}}","revision":"{{first}}"}""");
        var deleted = await node.DoAsync("kv/deleterange", $$"""{"key":"{{B("kv")}}","prev_kv":true}""");
        var again = await node.DoAsync("kv/deleterange", $$"""{"key":"{{B("kv")}}"}""");

        Assert.Equal(first + 1, second.Revision());
        Assert.Equal($$"""{"prev_kv":{{Pair("kv", first, first, 1, "1")}}}""", second.Body());
        Assert.Equal($$"""{"kvs":[{{Pair("kv", first, first + 1, 2, "2")}}],"count":"1"}""", read.Body());
        Assert.Equal($$"""{"kvs":[{{Pair("kv", first, first, 1, "1")}}],"count":"1"}""", past.Body());
        Assert.Equal(first + 1, past.Revision());
        Assert.Equal($$"""{"deleted":"1","prev_kvs":[{{Pair("kv", first, first + 1, 2, "2")}}]}""", deleted.Body());
        Assert.Equal((first + 2, "{}"), (again.Revision(), again.Body()));
    }

    [Fact]
    public async Task Limits_cut_after_the_order_and_the_count_ignores_both()
    {
        foreach (var (key, value) in new[] { ("r/a", "3"), ("r/b", "2"), ("r/c", "1"), ("r/d", "0") })
        {
            await node.DoAsync("kv/put", Put(key, value));
        }

        async Task<string> KeysAsync(string options)
        {
            var answer = await node.DoAsync("kv/range", $$"""{"key":"{{B("r/")}}","range_end":"{{B("r0")}}"{{options}}}""");
            var keys = answer.TryGetProperty("kvs", out var kvs)
                ? kvs.EnumerateArray().Select(pair => System.Text.Encoding.UTF8.GetString(pair.GetProperty("key").GetBytesFromBase64())[^1])
                : [];
            return $"{string.Concat(keys)} {answer.Number("count")}{(answer.TryGetProperty("more", out _) ? " more" : "")}";
        }

        Assert.Equal("ab 4 more", await KeysAsync(""","limit":2"""));
        Assert.Equal("abcd 4", await KeysAsync(""","limit":-1"""));
        Assert.Equal("dc 4 more", await KeysAsync(""","limit":2,"sort_order":"DESCEND" """));
        Assert.Equal("dcba 4", await KeysAsync(""","sort_target":"VALUE","keys_only":true"""));

        // Without an order only the first three by key are looked at.
        Assert.Equal("cb 4 more", await KeysAsync(""","limit":2,"sort_target":"VALUE" """));
        Assert.Equal("dc 4 more", await KeysAsync(""","limit":2,"sort_target":"VALUE","sort_order":"ASCEND" """));
        Assert.Equal(" 4", await KeysAsync(""","count_only":true,"limit":1"""));
        Assert.Equal(" 4", await KeysAsync(""","min_mod_revision":"9223372036854775807" """));
        Assert.Equal("abcd 4", await KeysAsync(""","sort_order":7"""));
        await node.RefusesAsync(
            "kv/range", $$"""{"key":"{{B("r/")}}","sort_target":9}""", 400, 3, "etcdserver: invalid sort option");
    }

    [Fact]
    public async Task Ends_of_ranges()
    {
        await node.DoAsync("kv/put", Put("~e", "1"));
        await node.DoAsync("kv/put", Put("~f", "1"));

        async Task<long> CountAsync(string key, string end) => (await node.DoAsync(
            "kv/range", $$"""{"key":"{{B(key)}}","range_end":"{{B(end)}}","count_only":true}""")).Number("count");

        Assert.Equal(1, await CountAsync("~e", ""));
        Assert.Equal(1, await CountAsync("~e", "~f"));
        Assert.Equal(2, await CountAsync("~e", "\0"));
        Assert.Equal(0, await CountAsync("~f", "~e"));
        Assert.Equal(0, await CountAsync("~e", "~e"));
        Assert.Equal(node.Node.View.KeyCount, await CountAsync("\0", "\0"));
    }

    [Fact]
    public async Task Options_of_a_put_that_keep_something()
    {
        await node.DoAsync("lease/grant", """{"ID":"501","TTL":"600"}""");
        await node.DoAsync("kv/put", $$"""{"key":"{{B("keep")}}","value":"{{B("v")}}","lease":"501"}""");

        await node.DoAsync("kv/put", $$"""{"key":"{{B("keep")}}","ignore_value":true,"ignore_lease":true}""");
        var both = await node.DoAsync("kv/range", $$"""{"key":"{{B("keep")}}"}""");
        await node.DoAsync("kv/put", $$"""{"key":"{{B("keep")}}","ignore_value":true}""");
        var value = await node.DoAsync("kv/range", $$"""{"key":"{{B("keep")}}"}""");

        var kept = both.GetProperty("kvs")[0];
        Assert.Equal(("501", B("v")), (kept.GetProperty("lease").GetString(), kept.GetProperty("value").GetString()));
        Assert.False(value.GetProperty("kvs")[0].TryGetProperty("lease", out _));
        const string Missing = """{"key":"bWlzc2luZw==","ignore_value":true,"lease":"777"}""";
        await node.RefusesAsync("kv/put", Missing, 404, 5, "etcdserver: requested lease not found");
        await node.RefusesAsync(
            "kv/put", """{"key":"bWlzc2luZw==","ignore_lease":true}""", 400, 3, "etcdserver: key not found");
        await node.RefusesAsync(
            "kv/put", """{"key":"YQ==","value":"YQ==","ignore_value":true}""", 400, 3, "etcdserver: value is provided");
        await node.RefusesAsync(
            "kv/put", """{"key":"YQ==","lease":"1","ignore_lease":true}""", 400, 3, "etcdserver: lease is provided");
    }

    [Fact]
    public async Task A_compaction_must_go_further_than_the_last()
    {
        var first = (await node.DoAsync("kv/put", Put("compact", "1"))).Revision();
        await node.DoAsync("kv/put", Put("compact", "2"));
        var now = (await node.DoAsync("kv/put", Put("compact", "3"))).Revision();

        var answer = await node.DoAsync("kv/compaction", $$"""{"revision":"{{first + 1}}","physical":true}""");

        Assert.Equal((now, "{}"), (answer.Revision(), answer.Body()));
        await node.RefusesAsync("kv/compaction", $$"""{"revision":"{{first + 1}}"}""", 400, 11, Compacted);
        await node.RefusesAsync("kv/compaction", """{"revision":"-3"}""", 400, 11, Compacted);
        await node.RefusesAsync("kv/compaction", """{"revision":"9000000"}""", 400, 11, Future);
        await node.RefusesAsync("kv/range", $$"""{"key":"{{B("compact")}}","revision":"{{first}}"}""", 400, 11, Compacted);
        await node.RefusesAsync("kv/range", $$"""{"key":"{{B("compact")}}","revision":"9000000"}""", 400, 11, Future);
        var kept = await node.DoAsync("kv/range", $$"""{"key":"{{B("compact")}}","revision":"{{first + 1}}"}""");
        Assert.Equal(B("2"), kept.GetProperty("kvs")[0].GetProperty("value").GetString());
        Assert.Equal(1, (await node.DoAsync("kv/range", $$"""{"key":"{{B("compact")}}","revision":"-1"}""")).Number("count"));
    }

    [Fact]
    public async Task A_long_answer_is_whole()
    {
        var value = Convert.ToBase64String(new byte[1000]);
        for (var i = 0; i < 200; i++)
        {
            await node.DoAsync("kv/put", $$"""{"key":"{{B($"long/{i:d3}")}}","value":"{{value}}"}""");
        }

        var answer = await node.DoAsync(
            "kv/range", $$"""{"key":"{{B("long/")}}","range_end":"{{B("long0")}}","limit":150}""");

        Assert.Equal(150, answer.GetProperty("kvs").GetArrayLength());
        Assert.Equal((200, true), (answer.Number("count"), answer.GetProperty("more").GetBoolean()));
        Assert.All(answer.GetProperty("kvs").EnumerateArray(), pair => Assert.Equal(value, pair.GetProperty("value").GetString()));
    }

    private static string Put(string key, string value) => $$"""{"key":"{{B(key)}}","value":"{{B(value)}}"}""";

    private static string Pair(string key, long create, long mod, long version, string value) =>
        $$"""{"key":"{{B(key)}}","create_revision":"{{create}}","mod_revision":"{{mod}}","version":"{{version}}","value":"{{B(value)}}"}""";
}

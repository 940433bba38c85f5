using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests.Watch;

/// <summary>Watches over real Kestrel, read by the framework's parser.</summary>
public sealed class WatchHttpTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_stream_opens_and_tells_every_change_in_order()
    {
        await using var stream = await EventStream.OpenAsync(node.Client, "/v1/watch?prefix=order/&prev=true");
        var open = await stream.NextAsync("open");
        var first = await PutAsync("order/a", "1");
        var second = await PutAsync("order/a", "2");
        await PutAsync("elsewhere", "x");
        var third = await DeleteAsync("order/a");

        var created = await stream.NextAsync("put");
        var changed = await stream.NextAsync("put");
        var deleted = await stream.NextAsync("delete");

        Assert.Equal(open.Data.GetProperty("rev").GetInt64() + 1, open.Data.GetProperty("from").GetInt64());
        Assert.Equal(Text(open.Revision), open.Id);
        Assert.Equal((first, Text(first), 1), (created.Revision, created.Id, created.Data.GetProperty("version").GetInt64()));
        Assert.Equal((second, Text(second)), (changed.Revision, changed.Id));
        Assert.Equal("1", changed.Data.GetProperty("prev").GetProperty("value").GetString());
        Assert.Equal((third, Text(third)), (deleted.Revision, deleted.Id));
        Assert.Equal("delete", deleted.Data.GetProperty("cause").GetString());
        Assert.InRange(stream.Retry, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Headers_keep_proxies_from_holding_events_back()
    {
        await using var stream = await EventStream.OpenAsync(node.Client, "/v1/watch?prefix=");

        Assert.Equal("no-store, no-transform", stream.Response.Headers.CacheControl?.ToString());
        Assert.Equal(["no"], stream.Response.Headers.GetValues("X-Accel-Buffering"));
        Assert.Empty(stream.Response.Content.Headers.ContentEncoding);
        Assert.True(stream.Response.Headers.Contains("Kv-Revision"));
    }

    [Fact]
    public async Task Resuming_after_any_id_gives_exactly_the_rest()
    {
        var start = await PutAsync("resume/0", "v");
        for (var i = 1; i < 20; i++)
        {
            await (i % 3 == 0 ? PutAsync("elsewhere", "v") : TxnAsync($"resume/{i % 4}", $"resume/x{i}", "other"));
        }

        var all = await ReadRestAsync(Text(start - 1));
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].Id is { } id)
            {
                Assert.Equal(all.Skip(i + 1).Select(Describe), (await ReadRestAsync(id)).Select(Describe));
            }
        }

        async Task<List<StreamEvent>> ReadRestAsync(string lastId)
        {
            await using var stream = await EventStream.OpenAsync(node.Client, "/v1/watch?prefix=resume/&from=1", lastId);
            Assert.Equal(lastId, (await stream.NextAsync("open")).Id);
            var end = await PutAsync("resume/end", "v");
            var events = new List<StreamEvent>();
            while (await stream.NextChangeAsync() is var item && item.Revision < end)
            {
                if (item.Key != "resume/end")
                {
                    events.Add(item);
                }
            }

            return events;
        }
    }

    [Fact]
    public async Task Many_keys_prefixes_and_ranges_share_a_connection()
    {
        await using var stream = await EventStream.OpenAsync(
            node.Client, "/v1/watch?key=many/a&key64=bWFueS9i&prefix=many/p/&start=many/r1&end=many/r3&depth=1");
        await stream.NextAsync("open");
        foreach (var key in new[] { "many/a", "many/ab", "many/b", "many/p/x", "many/p/x/y", "many/r0", "many/r1", "many/r2", "many/r3" })
        {
            await PutAsync(key, "v");
        }

        await DeleteAsync("many/a");
        var seen = new List<string?>();
        StreamEvent item;
        while ((item = await stream.NextChangeAsync()).Name == "put")
        {
            seen.Add(item.Key);
        }

        Assert.Equal(["many/a", "many/b", "many/p/x", "many/r1", "many/r2"], seen);
    }

    [Fact]
    public async Task A_body_asks_for_what_a_url_cannot_hold()
    {
        var keys = Enumerable.Range(0, 1_000).Select(i => $"body/{i}").ToArray();
        var body = JsonContent.Create(new { key = keys, prefix = "body/p/", keyBase64 = "/w==", types = "delete", prev = true });
        await using var stream = await EventStream.OpenAsync(node.Client, "/v1/watch", body: body);
        await stream.NextAsync("open");
        await PutAsync("body/999", "old");
        await DeleteAsync("body/999");

        var deleted = await stream.NextAsync("delete");
        Assert.Equal("body/999", deleted.Key);
        Assert.Equal("old", deleted.Data.GetProperty("prev").GetProperty("value").GetString());
    }

    [Fact]
    public async Task A_snapshot_comes_first_and_only_its_end_has_an_id()
    {
        await PutAsync("snap/a", "1");
        await PutAsync("snap/b", "2");
        await using var stream = await EventStream.OpenAsync(node.Client, "/v1/watch?prefix=snap/&snapshot=true");

        Assert.Null((await stream.NextAsync("open")).Id);
        foreach (var expected in new[] { "snap/a", "snap/b" })
        {
            var put = await stream.NextAsync("put");
            Assert.Equal((expected, null, true), (put.Key, put.Id, put.Data.GetProperty("snapshot").GetBoolean()));
        }

        var synced = await stream.NextAsync("synced");
        Assert.Equal((Text(synced.Revision), 2), (synced.Id, synced.Data.GetProperty("count").GetInt64()));
        var revision = await PutAsync("snap/c", "3");
        Assert.Equal(revision, (await stream.NextAsync("put")).Revision);

        await using var resumed = await EventStream.OpenAsync(node.Client, "/v1/watch?prefix=snap/&snapshot=true", synced.Id);
        Assert.Equal(synced.Id, (await resumed.NextAsync("open")).Id);
        Assert.Equal(revision, (await resumed.NextAsync("put")).Revision);
    }

    [Theory]
    [InlineData("/v1/kv/url/key")]
    [InlineData("/v1/kv64/dXJsL2tleQ")]
    [InlineData("/v1/kv?prefix=url/")]
    public async Task Key_and_list_urls_stream_when_asked_to(string target)
    {
        var separator = target.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var revision = await PutAsync("url/key", "v");
        await using var stream = await EventStream.OpenAsync(node.Client, $"{target}{separator}from={revision}");

        await stream.NextAsync("open");
        Assert.Equal("url/key", (await stream.NextAsync("put")).Key);
    }

    [Fact]
    public async Task Lines_of_json_for_pipes()
    {
        var revision = await PutAsync("lines/a", "1");
        await DeleteAsync("lines/a");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/watch?prefix=lines/&from={revision}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/x-ndjson"));
        using var response = await node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        var names = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            names.Add(JsonDocument.Parse((await reader.ReadLineAsync())!).RootElement.GetProperty("event").GetString());
        }

        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(["open", "put", "delete"], names);
    }

    [Fact]
    public async Task Every_byte_string_is_a_key_that_can_be_watched()
    {
        var key = Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();
        var name = Convert.ToBase64String(key).Replace('+', '-').Replace('/', '_').TrimEnd('=');
        await using var stream = await EventStream.OpenAsync(node.Client, $"/v1/watch?key64={name}&values=base64");
        await stream.NextAsync("open");
        await node.SendAsync("PUT", $"/v1/kv64/{name}", "", key);

        var put = await stream.NextAsync("put");
        Assert.Equal(key, put.Data.GetProperty("keyBase64").GetBytesFromBase64());
        Assert.Equal(key, put.Data.GetProperty("base64").GetBytesFromBase64());
    }

    [Fact]
    public async Task Types_filter_changes_and_leave_the_snapshot_whole()
    {
        await PutAsync("types/a", "1");
        await using var stream = await EventStream.OpenAsync(node.Client, "/v1/watch?prefix=types/&snapshot=true&types=delete");
        await stream.NextAsync("open");

        Assert.Equal("types/a", (await stream.NextAsync("put")).Key);
        await stream.NextAsync("synced");
        await PutAsync("types/a", "2");
        await DeleteAsync("types/a");
        Assert.Equal("types/a", (await stream.NextAsync("delete")).Key);
    }

    [Fact]
    public async Task No_bookmark_names_a_revision_that_is_still_to_come()
    {
        var now = await PutAsync("future/b", "0");
        await using var stream = await EventStream.OpenAsync(node.Client, $"/v1/watch?prefix=future/b&from={now + 3}&progress=1s");
        await stream.NextAsync("open");
        var passed = 0L;
        for (var i = 0; i < 3; i++)
        {
            passed = await PutAsync("elsewhere", "1");
        }

        var first = await stream.NextAsync("progress");
        Assert.InRange(first.Revision, now + 3, passed);
        Assert.Equal(Text(first.Revision), first.Id);
    }

    [Fact]
    public async Task From_the_future_delivers_nothing_older()
    {
        var now = await PutAsync("future/a", "0");
        await using var stream = await EventStream.OpenAsync(node.Client, $"/v1/watch?prefix=future/&from={now + 3}");

        // A browser would send the id back, and be refused for good.
        Assert.Null((await stream.NextAsync("open")).Id);
        for (var i = 0; i < 4; i++)
        {
            await PutAsync("future/a", "1");
        }

        Assert.True((await stream.NextAsync("put")).Revision >= now + 3);
    }

    [Fact]
    public async Task An_id_the_cluster_never_had_is_gone_or_resets()
    {
        var refused = await node.SendAsync("GET", "/v1/watch?prefix=", "Last-Event-ID: 900000000");
        Assert.Equal((410, "compacted"), (refused.Status, refused.Code));
        Assert.True(refused.Json.TryGetProperty("compactedRev", out _));
        Assert.True(refused.Json.GetProperty("rev").GetInt64() > 0);
        Assert.Contains(
            "Last-Event-ID 900000000 is above the store's revision", refused.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);

        await using var stream = await EventStream.OpenAsync(node.Client, "/v1/watch?prefix=gone/&resync=true", "900000000");
        Assert.Null((await stream.NextAsync("open")).Id);
        Assert.Equal("unknown-revision", (await stream.NextAsync("reset")).Data.GetProperty("reason").GetString());
        Assert.NotNull((await stream.NextAsync("synced")).Id);
    }

    [Theory]
    [InlineData("/v1/watch", "", 400, "invalid-range")]
    [InlineData("/v1/watch?prefix=a&depth=0", "", 400, "bad-request")]
    [InlineData("/v1/watch?key=a&depth=1", "", 400, "invalid-field-combination")]
    [InlineData("/v1/watch?key=", "", 400, "key-empty")]
    [InlineData("/v1/watch?prefix=%ff", "", 400, "key-encoding")]
    [InlineData("/v1/watch?prefix64=a%2Bb", "", 400, "invalid-base64")]
    [InlineData("/v1/watch?start=b&end=a", "", 400, "invalid-range")]
    [InlineData("/v1/watch?start=a&start=b&end=c", "", 400, "invalid-range")]
    [InlineData("/v1/watch?prefix=&from=0", "", 400, "bad-revision")]
    [InlineData("/v1/watch?prefix=&from=x", "", 400, "bad-revision")]
    [InlineData("/v1/watch?prefix=&from=1&from=2", "", 400, "duplicate-parameter")]
    [InlineData("/v1/watch?prefix=&from=1&snapshot=true", "", 400, "invalid-field-combination")]
    [InlineData("/v1/watch?prefix=&types=put,patch", "", 400, "bad-request")]
    [InlineData("/v1/watch?prefix=&values=xml", "", 400, "bad-request")]
    [InlineData("/v1/watch?prefix=&progress=0", "", 400, "bad-duration")]
    [InlineData("/v1/watch?prefix=&progress=601", "", 400, "bad-duration")]
    [InlineData("/v1/watch?prefix=&heartbeat=0s", "", 400, "bad-duration")]
    [InlineData("/v1/watch?prefix=&limti=5", "", 400, "unknown-parameter")]
    [InlineData("/v1/watch?prefix=&token=x", "", 400, "token-in-url")]
    [InlineData("/v1/watch?prefix=", "Last-Event-ID: abc", 400, "bad-revision")]
    [InlineData("/v1/watch?prefix=", "Last-Event-ID: -1", 400, "bad-revision")]
    [InlineData("/v1/watch?prefix=", "Last-Event-ID: 9007199254740992", 400, "bad-revision")]
    [InlineData("/v1/watch?prefix=", "Accept: application/json", 406, "not-acceptable")]
    [InlineData("/v1/watch?prefix=&minRev=900000&timeout=10ms", "", 504, "timeout")]
    [InlineData("/v1/kv/a?prefix=b", "Accept: text/event-stream", 400, "invalid-range")]
    public async Task Bad_requests_are_named_before_any_byte_of_a_stream(string target, string headers, int status, string code)
    {
        var response = await node.SendAsync("GET", target, headers);

        Assert.Equal((status, code), (response.Status, response.Code));
    }

    [Theory]
    [InlineData("{}", 400, "invalid-range")]
    [InlineData("{\"prefix\":5}", 400, "invalid-type")]
    [InlineData("{\"prefix\":[\"a\",5]}", 400, "invalid-type")]
    [InlineData("{\"prefix\":\"\",\"from\":0}", 400, "bad-revision")]
    [InlineData("{\"prefix\":\"\",\"form\":1}", 400, "unknown-field")]
    [InlineData("{\"prefix\":\"\",\"prefix\":\"\"}", 400, "duplicate-field")]
    [InlineData("{\"prefix\":\"\",\"progress\":\"fast\"}", 400, "bad-duration")]
    [InlineData("{\"keyBase64\":\"a-\"}", 400, "invalid-base64")]
    [InlineData("{", 400, "invalid-json")]
    [InlineData("null", 400, "invalid-json-type")]
    public async Task Bad_bodies_are_named(string body, int status, string code)
    {
        var response = await node.SendAsync("POST", "/v1/watch", "Content-Type: application/json", body);

        Assert.Equal((status, code), (response.Status, response.Code));
        Assert.False(response.Json.TryGetProperty("outcome", out _), "a watch writes nothing");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Describe(StreamEvent item) => $"{item.Name} {item.Key} {item.Revision} {item.Id}";

    private async Task<long> PutAsync(string key, string value) =>
        RevisionOf(await node.SendAsync("PUT", $"/v1/kv/{key}", "", value));

    private async Task<long> DeleteAsync(string key) => RevisionOf(await node.SendAsync("DELETE", $"/v1/kv/{key}"));

    private async Task<long> TxnAsync(params string[] keys)
    {
        var puts = string.Join(',', keys.Select(key => $"{{\"put\":{{\"key\":\"{key}\",\"value\":\"v\"}}}}"));
        return RevisionOf(await node.SendAsync("POST", "/v1/txn", "Content-Type: application/json", $"{{\"then\":[{puts}]}}"));
    }

    private static long RevisionOf(RawResponse response)
    {
        Assert.InRange(response.Status, 200, 201);
        return response.Json.GetProperty("rev").GetInt64();
    }
}

using System.Globalization;
using System.Text.Json;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

public sealed class ListTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Pages_end_to_end_give_every_key_once_at_one_revision()
    {
        await PutAsync("page/", 25);

        var keys = new List<string>();
        var target = "/v1/kv?prefix=page/&limit=7";
        long revision = 0;
        for (var page = 0; page < 4; page++)
        {
            var response = await node.SendAsync("GET", target);
            var json = response.Json;
            keys.AddRange(KeysOf(json));
            revision = revision == 0 ? json.GetProperty("rev").GetInt64() : revision;
            Assert.Equal(revision, json.GetProperty("rev").GetInt64());

            // A write between pages must not show.
            await node.SendAsync("PUT", $"/v1/kv/page/00zz{page}", "", "late");
            await node.SendAsync("DELETE", "/v1/kv/page/0024");
            if (!json.GetProperty("more").GetBoolean())
            {
                Assert.False(json.TryGetProperty("next", out _));
                break;
            }

            var link = response.Header("Link")!;
            target = link[1..link.IndexOf('>', StringComparison.Ordinal)];
            Assert.EndsWith("rel=\"next\"", link, StringComparison.Ordinal);
            Assert.Contains("cursor=" + json.GetProperty("next").GetString(), target, StringComparison.Ordinal);
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(Name("page/")), keys);
    }

    [Theory]
    [InlineData("order=desc")]
    [InlineData("sort=modRev")]
    [InlineData("sort=modRev&order=desc")]
    [InlineData("sort=version&order=asc")]
    [InlineData("sort=createRev&order=desc&values=none")]
    [InlineData("delimiter=/")]
    [InlineData("delimiter=/&order=desc")]
    public async Task Pages_of_any_order_are_the_whole_cut_into_pieces(string how)
    {
        await PutAsync("order/a/", 5);
        await PutAsync("order/b", 6);
        await PutAsync("order/c/", 5);
        await node.SendAsync("PUT", "/v1/kv/order/b0003", "", "again");
        var whole = ItemsOf((await node.SendAsync("GET", $"/v1/kv?prefix=order/&{how}")).Json);

        var pieces = new List<string>();
        var cursor = "";
        do
        {
            var page = (await node.SendAsync("GET", $"/v1/kv?prefix=order/&limit=1&{how}{cursor}")).Json;
            pieces.AddRange(ItemsOf(page));
            cursor = page.TryGetProperty("next", out var next) ? "&cursor=" + next.GetString() : "";
        }
        while (cursor.Length > 0 && pieces.Count < 100);

        Assert.Equal(whole.Order(StringComparer.Ordinal), pieces.Order(StringComparer.Ordinal));
        if (!how.Contains("delimiter", StringComparison.Ordinal))
        {
            Assert.Equal(whole, pieces);
        }
    }

    [Fact]
    public async Task Groups_are_like_folders()
    {
        foreach (var key in (string[])["ls/app/cfg", "ls/app/web/1", "ls/app/web/2", "ls/app/db/x", "ls/top"])
        {
            await node.SendAsync("PUT", "/v1/kv/" + key, "", "x");
        }

        var root = (await node.SendAsync("GET", "/v1/kv?prefix=ls/&delimiter=/")).Json;
        var app = (await node.SendAsync("GET", "/v1/kv?prefix=ls/app/&delimiter=/")).Json;
        var longer = (await node.SendAsync("GET", "/v1/kv?prefix=ls/&delimiter=/web/")).Json;

        Assert.Equal(["ls/top"], KeysOf(root));
        Assert.Equal(["ls/app/"], PrefixesOf(root));
        Assert.Equal(["ls/app/cfg"], KeysOf(app));
        Assert.Equal(["ls/app/db/", "ls/app/web/"], PrefixesOf(app));
        Assert.Equal(["ls/app/web/"], PrefixesOf(longer));
    }

    [Fact]
    public async Task A_page_says_that_it_is_the_last_and_that_nothing_was_grouped()
    {
        await node.SendAsync("PUT", "/v1/kv/flat", "", "x");

        var plain = (await node.SendAsync("GET", "/v1/kv?prefix=flat")).Json;
        var grouped = (await node.SendAsync("GET", "/v1/kv?prefix=flat&delimiter=/")).Json;
        var sorted = (await node.SendAsync("GET", "/v1/kv?prefix=flat&sort=version")).Json;

        Assert.False(plain.GetProperty("more").GetBoolean());
        Assert.False(plain.TryGetProperty("prefixes", out _));
        Assert.Equal(0, grouped.GetProperty("prefixes").GetArrayLength());
        Assert.False(sorted.GetProperty("more").GetBoolean());
    }

    [Fact]
    public async Task Ranges_by_start_and_end()
    {
        await PutAsync("range/", 5);

        var half = (await node.SendAsync("GET", "/v1/kv?start=range/0001&end=range/0003")).Json;
        var open = (await node.SendAsync("GET", "/v1/kv?start=range/0003&limit=2")).Json;
        var empty = (await node.SendAsync("GET", "/v1/kv?start=range/0001&end=range/0001")).Json;
        var one = (await node.SendAsync("GET", "/v1/kv?key=range/0002")).Json;
        var twin = (await node.SendAsync("GET", "/v1/kv?prefix64=cmFuZ2Uv&limit=1")).Json;

        Assert.Equal(["range/0001", "range/0002"], KeysOf(half));
        Assert.Equal(["range/0003", "range/0004"], KeysOf(open));
        Assert.Empty(KeysOf(empty));
        Assert.Equal(["range/0002"], KeysOf(one));
        Assert.Equal(["range/0000"], KeysOf(twin));
    }

    [Fact]
    public async Task Counts_and_filters()
    {
        var first = await PutAsync("count/", 10);
        var last = await node.SendAsync("PUT", "/v1/kv/count/0003", "", "new");
        var revision = last.Json.GetProperty("rev").GetInt64();

        var counted = (await node.SendAsync("GET", "/v1/kv?prefix=count/&limit=3&count=true")).Json;
        var only = (await node.SendAsync("GET", "/v1/kv?prefix=count/&countOnly")).Json;
        var newest = (await node.SendAsync("GET", $"/v1/kv?prefix=count/&minModRev={revision}")).Json;
        var oldest = (await node.SendAsync("GET", $"/v1/kv?prefix=count/&maxModRev={first}&count")).Json;

        Assert.Equal(10, counted.GetProperty("count").GetInt64());
        Assert.Equal(3, KeysOf(counted).Count);
        Assert.Equal(10, only.GetProperty("count").GetInt64());
        Assert.False(only.TryGetProperty("items", out _));
        Assert.Equal(["count/0003"], KeysOf(newest));
        Assert.Equal(["count/0000"], KeysOf(oldest));
        Assert.Equal(1, oldest.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Values_come_in_the_form_asked_for()
    {
        await node.SendAsync("PUT", "/v1/kv/form/json", "", "{\n  \"a\": 1 }");
        await node.SendAsync("PUT", "/v1/kv/form/text", "", "plain");
        await node.SendAsync("PUT", "/v1/kv/form/zbin", "", [0xff]);

        var text = (await node.SendAsync("GET", "/v1/kv?prefix=form/")).Json.GetProperty("items");
        var json = (await node.SendAsync("GET", "/v1/kv?prefix=form/&values=json")).Json.GetProperty("items");
        var base64 = (await node.SendAsync("GET", "/v1/kv?prefix=form/&values=base64")).Json.GetProperty("items");
        var none = (await node.SendAsync("GET", "/v1/kv?prefix=form/&values=none")).Json.GetProperty("items");

        Assert.Equal("{\n  \"a\": 1 }", text[0].GetProperty("value").GetString());
        Assert.Equal("/w==", text[2].GetProperty("base64").GetString());
        Assert.Equal(1, json[0].GetProperty("json").GetProperty("a").GetInt32());
        Assert.Equal("plain", json[1].GetProperty("value").GetString());
        Assert.Equal("cGxhaW4=", base64[1].GetProperty("base64").GetString());
        Assert.False(none[1].TryGetProperty("value", out _));
    }

    [Fact]
    public async Task A_listing_of_the_past_is_the_past()
    {
        var before = await PutAsync("old/", 3);
        await node.SendAsync("DELETE", "/v1/kv?prefix=old/");

        var past = await node.SendAsync("GET", $"/v1/kv?prefix=old/&rev={before + 2}");

        Assert.Equal(3, KeysOf(past.Json).Count);
        Assert.Equal(before + 2, past.Json.GetProperty("rev").GetInt64());
        Assert.Contains("immutable", past.Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Empty(KeysOf((await node.SendAsync("GET", "/v1/kv?prefix=old/")).Json));
    }

    [Fact]
    public async Task Cursors_belong_to_their_query_and_their_history()
    {
        await PutAsync("cursor/", 3);
        var page = (await node.SendAsync("GET", "/v1/kv?prefix=cursor/&limit=1")).Json;
        var cursor = page.GetProperty("next").GetString();

        var other = await node.SendAsync("GET", $"/v1/kv?prefix=curso&limit=1&cursor={cursor}");
        var order = await node.SendAsync("GET", $"/v1/kv?prefix=cursor/&order=desc&cursor={cursor}");
        var forged = await node.SendAsync("GET", $"/v1/kv?prefix=cursor/&cursor={Flip(cursor!)}");
        var larger = await node.SendAsync("GET", $"/v1/kv?prefix=cursor/&limit=2&cursor={cursor}");
        var now = (await node.SendAsync("PUT", "/v1/kv/cursor/more", "", "x")).Json.GetProperty("rev").GetInt64();
        await node.SendAsync("POST", "/v1/compact", "", string.Create(CultureInfo.InvariantCulture, $"{{\"rev\":{now}}}"));
        var expired = await node.SendAsync("GET", $"/v1/kv?prefix=cursor/&limit=1&cursor={cursor}");

        Assert.Equal((400, "cursor-mismatch"), (other.Status, other.Code));
        Assert.Equal("cursor-mismatch", order.Code);
        Assert.Equal("cursor-mismatch", forged.Code);
        Assert.Equal(["cursor/0001", "cursor/0002"], KeysOf(larger.Json));
        Assert.Equal((410, "cursor-expired"), (expired.Status, expired.Code));
    }

    [Fact]
    public async Task A_stream_of_lines_has_everything_and_an_end()
    {
        var value = new string('v', 1000);
        for (var i = 0; i < 300; i++)
        {
            await node.Client.PutAsync($"/v1/kv/lines/{i:d4}", new StringContent(value));
        }

        var response = await node.SendAsync("GET", "/v1/kv?prefix=lines/", "Accept: application/x-ndjson");
        var lines = response.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();

        Assert.Equal("application/x-ndjson", response.Header("Content-Type"));
        Assert.Equal(301, lines.Count);
        Assert.Equal("lines/0299", lines[299].GetProperty("key").GetString());
        Assert.True(lines[300].GetProperty("end").GetBoolean());
        Assert.Equal(300, lines[300].GetProperty("count").GetInt32());
        Assert.Equal(response.Header("Kv-Revision"), lines[300].GetProperty("rev").GetInt64().ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Lines_can_be_limited_and_gone_on_with()
    {
        await PutAsync("cut/", 3);

        var first = Lines(await node.SendAsync("GET", "/v1/kv?prefix=cut/&format=ndjson&limit=2"));
        var rest = Lines(await node.SendAsync(
            "GET", $"/v1/kv?prefix=cut/&format=ndjson&cursor={first[2].GetProperty("next").GetString()}"));
        var groups = Lines(await node.SendAsync("GET", "/v1/kv?prefix=cu&delimiter=/&format=ndjson&order=desc"));

        Assert.True(first[2].GetProperty("more").GetBoolean());
        Assert.Equal("cut/0002", rest[0].GetProperty("key").GetString());
        Assert.False(rest[1].GetProperty("more").GetBoolean());
        Assert.Contains("cut/", groups.Where(line => line.TryGetProperty("prefix", out _)).Select(line => line.GetProperty("prefix").GetString()));
    }

    [Fact]
    public async Task A_page_ends_at_four_mebibytes()
    {
        var value = new byte[1 << 20];
        for (var i = 0; i < 6; i++)
        {
            await node.Client.PutAsync($"/v1/kv/large/{i}", new ByteArrayContent(value));
        }

        var page = (await node.SendAsync("GET", "/v1/kv?prefix=large/")).Json;

        Assert.Equal(4, KeysOf(page).Count);
        Assert.True(page.GetProperty("more").GetBoolean());
    }

    [Fact]
    public async Task Listings_are_compressed_when_asked_and_values_never()
    {
        await node.SendAsync("PUT", "/v1/kv/gzip/a", "", new string('x', 5000));

        var list = await node.SendAsync("GET", "/v1/kv?prefix=gzip/", "Accept-Encoding: gzip");
        var value = await node.SendAsync("GET", "/v1/kv/gzip/a", "Accept-Encoding: gzip, br");
        using var unpacked = new System.IO.Compression.GZipStream(
            new System.IO.MemoryStream(list.Body), System.IO.Compression.CompressionMode.Decompress);
        var page = await JsonDocument.ParseAsync(unpacked);

        Assert.Equal("gzip", list.Header("Content-Encoding"));
        Assert.Contains("Accept-Encoding", list.Header("Vary"), StringComparison.Ordinal);
        Assert.InRange(list.Body.Length, 1, 1000);
        Assert.Equal(["gzip/a"], KeysOf(page.RootElement));
        Assert.Null(value.Header("Content-Encoding"));
        Assert.Equal(5000, value.Body.Length);
    }

    [Fact]
    public async Task Deleting_a_range_is_one_revision()
    {
        await PutAsync("rangedel/", 4);
        var before = node.Node.View.Revision;

        var delete = await node.SendAsync("DELETE", "/v1/kv?prefix=rangedel/&prev=true");
        var nothing = await node.SendAsync("DELETE", "/v1/kv?prefix=rangedel/");

        Assert.Equal(4, delete.Json.GetProperty("deleted").GetInt64());
        Assert.Equal(4, delete.Json.GetProperty("prev").GetArrayLength());
        Assert.Equal(before + 1, delete.Json.GetProperty("rev").GetInt64());
        Assert.Equal(0, nothing.Json.GetProperty("deleted").GetInt64());
        Assert.Equal(before + 1, nothing.Json.GetProperty("rev").GetInt64());
    }

    private static string Flip(string cursor) => (cursor[0] == 'A' ? 'B' : 'A') + cursor[1..];

    private static List<JsonElement> Lines(RawResponse response) =>
        [.. response.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private static Func<int, string> Name(string prefix) => number => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:d4}");

    private static List<string> KeysOf(JsonElement page) =>
        [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("key").GetString()!)];

    private static List<string> PrefixesOf(JsonElement page) =>
        page.TryGetProperty("prefixes", out var prefixes) ? [.. prefixes.EnumerateArray().Select(item => item.GetString()!)] : [];

    private static List<string> ItemsOf(JsonElement page) => [.. KeysOf(page), .. PrefixesOf(page)];

    /// <summary>Puts numbered keys; gives the revision of the first.</summary>
    private async Task<long> PutAsync(string prefix, int count)
    {
        long first = 0;
        for (var i = 0; i < count; i++)
        {
            var put = await node.SendAsync("PUT", "/v1/kv/" + Name(prefix)(i), "", i.ToString(CultureInfo.InvariantCulture));
            first = first == 0 ? put.Json.GetProperty("rev").GetInt64() : first;
        }

        return first;
    }
}

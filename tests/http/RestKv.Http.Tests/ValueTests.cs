using System.Globalization;
using System.Text;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

public sealed class ValueTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_value_comes_back_byte_for_byte_with_its_facts()
    {
        var put = await node.SendAsync("PUT", "/v1/kv/value/one", "Content-Type: image/png", [0, 1, 0xfe, 0xff]);
        var get = await node.SendAsync("GET", "/v1/kv/value/one");

        var revision = put.Json.GetProperty("rev").GetInt64().ToString(CultureInfo.InvariantCulture);
        Assert.Equal(201, put.Status);
        Assert.True(put.Json.GetProperty("created").GetBoolean());
        Assert.Equal($"\"{revision}\"", put.Header("ETag"));
        Assert.Equal(revision, put.Header("Kv-Revision"));
        Assert.Equal(200, get.Status);
        Assert.Equal<byte[]>([0, 1, 0xfe, 0xff], get.Body);
        Assert.Equal("application/octet-stream", get.Header("Content-Type"));
        Assert.Equal($"\"{revision}\"", get.Header("ETag"));
        Assert.Equal(revision, get.Header("Kv-Create-Revision"));
        Assert.Equal("1", get.Header("Kv-Version"));
        Assert.Equal("private, no-cache", get.Header("Cache-Control"));
        Assert.Equal("nosniff", get.Header("X-Content-Type-Options"));
        Assert.Equal("sandbox; default-src 'none'", get.Header("Content-Security-Policy"));
        Assert.Equal("Accept, Authorization", get.Header("Vary"));
        Assert.True(DateTimeOffset.TryParse(get.Header("Last-Modified"), CultureInfo.InvariantCulture, out _));
        Assert.NotNull(get.Header("Kv-Member"));
        Assert.NotNull(get.Header("Request-Id"));
    }

    [Fact]
    public async Task Text_is_served_as_text_and_as_an_entry_when_asked()
    {
        await node.SendAsync("PUT", "/v1/kv/value/text", "", "grüß");

        var raw = await node.SendAsync("GET", "/v1/kv/value/text", "Accept: text/html,*/*;q=0.8");
        var entry = await node.SendAsync("GET", "/v1/kv/value/text", "Accept: application/json");
        var format = await node.SendAsync("GET", "/v1/kv/value/text?format=json&pretty");

        Assert.Equal("text/plain; charset=utf-8", raw.Header("Content-Type"));
        Assert.Equal("grüß", raw.Text);
        Assert.Equal("application/json", entry.Header("Content-Type"));
        Assert.Equal("grüß", entry.Json.GetProperty("value").GetString());
        Assert.Equal("value/text", entry.Json.GetProperty("key").GetString());
        Assert.Equal(entry.Json.GetProperty("modRev").GetInt64(), entry.Json.GetProperty("createRev").GetInt64());
        Assert.EndsWith(";j\"", entry.Header("ETag"), StringComparison.Ordinal);
        Assert.NotEqual(raw.Header("ETag"), entry.Header("ETag"));
        Assert.Contains("\n  \"key\"", format.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_tells_the_facts_without_the_value()
    {
        await node.SendAsync("PUT", "/v1/kv/value/head", "", "12345");

        var head = await node.SendAsync("HEAD", "/v1/kv/value/head");
        var missing = await node.SendAsync("HEAD", "/v1/kv/value/none");

        Assert.Equal(200, head.Status);
        Assert.Equal("5", head.Header("Content-Length"));
        Assert.NotNull(head.Header("ETag"));
        Assert.Equal(404, missing.Status);
    }

    [Fact]
    public async Task An_empty_value_is_a_value()
    {
        await node.SendAsync("PUT", "/v1/kv/value/empty");

        var get = await node.SendAsync("GET", "/v1/kv/value/empty");

        Assert.Equal(200, get.Status);
        Assert.Empty(get.Body);
    }

    [Fact]
    public async Task Chunked_bodies_are_values_too()
    {
        var body = "4\r\nchun\r\n3;ext=1\r\nked\r\n0\r\nTrailer: x\r\n\r\n"u8.ToArray();

        await node.SendAsync("PUT", "/v1/kv/value/chunked", "Transfer-Encoding: chunked", body);
        var get = await node.SendAsync("GET", "/v1/kv/value/chunked");

        Assert.Equal("chunked", get.Text);
    }

    [Fact]
    public async Task Expectations_of_curl_are_met()
    {
        await using var connection = await node.ConnectAsync();
        await connection.WriteAsync(Encoding.ASCII.GetBytes(
            "PUT /v1/kv/value/expect HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 100", await connection.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
        await connection.WriteAsync("ok"u8.ToArray());
        Assert.Equal(201, (await connection.ReadResponseAsync("PUT")).Status);
    }

    [Fact]
    public async Task Overwriting_gives_the_entry_before_when_asked()
    {
        await node.SendAsync("PUT", "/v1/kv/value/prev", "", "a");

        var put = await node.SendAsync("PUT", "/v1/kv/value/prev?prev=true", "", "b");
        var delete = await node.SendAsync("DELETE", "/v1/kv/value/prev?prev");
        var again = await node.SendAsync("DELETE", "/v1/kv/value/prev?prev=true");

        Assert.Equal(200, put.Status);
        Assert.False(put.Json.GetProperty("created").GetBoolean());
        Assert.Equal("a", put.Json.GetProperty("prev").GetProperty("value").GetString());
        Assert.Equal(1, delete.Json.GetProperty("deleted").GetInt64());
        Assert.Equal("b", delete.Json.GetProperty("prev").GetProperty("value").GetString());
        Assert.Equal(200, again.Status);
        Assert.Equal(0, again.Json.GetProperty("deleted").GetInt64());
        Assert.False(again.Json.TryGetProperty("prev", out _));
    }

    [Fact]
    public async Task Preferences_are_applied_and_said_so()
    {
        var minimal = await node.SendAsync("PUT", "/v1/kv/value/prefer", "Prefer: return=minimal", "a");
        var full = await node.SendAsync("PUT", "/v1/kv/value/prefer", "Prefer: return=representation", "b");

        Assert.Equal(204, minimal.Status);
        Assert.Equal("return=minimal", minimal.Header("Preference-Applied"));
        Assert.NotNull(minimal.Header("ETag"));
        Assert.Equal("return=representation", full.Header("Preference-Applied"));
        Assert.Equal("b", full.Json.GetProperty("entry").GetProperty("value").GetString());
        Assert.Equal(2, full.Json.GetProperty("entry").GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task The_past_can_be_read_and_never_changes()
    {
        var first = (await node.SendAsync("PUT", "/v1/kv/value/past", "", "old")).Json.GetProperty("rev").GetInt64();
        var second = (await node.SendAsync("PUT", "/v1/kv/value/past", "", "new")).Json.GetProperty("rev").GetInt64();

        var past = await node.SendAsync("GET", $"/v1/kv/value/past?rev={first}");
        var before = await node.SendAsync("GET", $"/v1/kv/value/past?rev={first - 1}");
        var local = await node.SendAsync("GET", $"/v1/kv/value/past?consistency=local&minRev={second}");

        Assert.Equal("old", past.Text);
        Assert.Equal("private, max-age=3600, immutable", past.Header("Cache-Control"));
        Assert.Equal(404, before.Status);
        Assert.Equal("new", local.Text);
    }

    [Fact]
    public async Task A_revision_that_never_comes_is_waited_for_and_then_given_up()
    {
        var get = await node.SendAsync("GET", "/v1/kv/value/x?minRev=9007199254740991&timeout=50ms");

        Assert.Equal(504, get.Status);
        Assert.Equal("timeout", get.Code);
        Assert.False(get.Json.TryGetProperty("outcome", out _));
    }

    [Fact]
    public async Task The_request_id_of_the_client_is_repeated_when_it_is_fit()
    {
        var fit = await node.SendAsync("GET", "/v1/kv/value/none", "Request-Id: abc-1");
        var unfit = await node.SendAsync("GET", "/v1/kv/value/none", $"Request-Id: {new string('x', 65)}");

        Assert.Equal("abc-1", fit.Header("Request-Id"));
        Assert.Equal("abc-1", fit.Json.GetProperty("requestId").GetString());
        Assert.NotEqual(new string('x', 65), unfit.Header("Request-Id"));
    }
}

using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

/// <summary>Requests that slipped past a rule because they were written another way: each is refused like its plain form.</summary>
public sealed class CornerTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string Json = "Content-Type: application/json";

    /// <summary>Method, target, headers, body, status, code.</summary>
    public static TheoryData<string, string, string, string, int, string> Rows => new()
    {
        // A GET that changes state is a write to the origin gate, however its path is spelt.
        { "GET", "/v1/leases/1/hold?revokeOnClose=true", "Origin: https://evil.example", "", 403, "origin-not-allowed" },
        { "GET", "/v1/leases/1/h%6fld", "Sec-Fetch-Site: cross-site", "", 403, "origin-not-allowed" },
        { "GET", "/v1/leases/1/hold", "Sec-Fetch-Site: same-origin", "", 404, "lease-not-found" },

        // Half a surrogate pair in the name of a member.
        { "POST", "/v1/txn", Json, "{\"\\ud800\":1}", 400, "invalid-utf8" },
        { "POST", "/v1/txn", Json, "{\"if\":[{\"\\udc00\":1}]}", 400, "invalid-utf8" },
        { "POST", "/v1/txn", Json, "{\"if\":[{\"key\":\"a\",\"value\":{\"\\ud800\":1}}]}", 400, "invalid-utf8" },
        { "POST", "/v1/leases", Json, "{\"\\ud800\":1}", 400, "invalid-utf8" },
        { "POST", "/v1/leases/keepalive", Json, "{\"\\ud800\":1}", 400, "invalid-utf8" },
        { "POST", "/v1/compact", Json, "{\"\\ud800\":1}", 400, "invalid-utf8" },
        { "PUT", "/v1/retention", Json, "{\"\\ud800\":1}", 400, "invalid-utf8" },
        { "POST", "/v1/watch", Json, "{\"\\ud800\":1}", 400, "invalid-utf8" },

        // Deletions with an open end.
        { "DELETE", "/v1/kv?start=%00", "", "", 400, "confirm-all" },
        { "DELETE", "/v1/kv?start=a", "", "", 400, "confirm-all" },
        { "DELETE", "/v1/kv?end=zz", "", "", 400, "confirm-all" },
        { "DELETE", "/v1/kv?start=&end=zz", "", "", 400, "confirm-all" },
        { "DELETE", "/v1/kv?start64=AA", "", "", 400, "confirm-all" },
        { "DELETE", "/v1/kv?start=a&all=false", "", "", 400, "confirm-all" },
        { "POST", "/v1/txn", Json, "{\"then\":[{\"delete\":{\"start\":\"zz\"}}]}", 400, "confirm-all" },
        { "POST", "/v1/txn", Json, "{\"else\":[{\"delete\":{\"startBase64\":\"AA==\"}}]}", 400, "confirm-all" },
        { "POST", "/v1/txn", Json, "{\"then\":[{\"delete\":{\"end\":\"zz\"}}]}", 400, "confirm-all" },
        { "POST", "/v1/txn", Json, "{\"then\":[{\"delete\":{\"start\":\"\",\"end\":\"zz\"}}]}", 400, "confirm-all" },

        // The limit of transactions holds for the whole tree.
        { "POST", "/v1/txn", Json, Then(Txn("then", 64), Txn("else", 63)), 400, "txn-too-large" },
        { "POST", "/v1/txn", Json, Then(Txn("then", 42, Txn("else", 42), Txn("then", 42))), 400, "txn-too-large" },
        { "POST", "/v1/txn", Json, Then("{\"txn\":{\"if\":[" + Repeat("{\"key\":\"a\",\"exists\":true}", 128) + "]}}"), 400, "txn-too-large" },
        { "POST", "/v1/txn", Json, Then("{\"txn\":{\"then\":[" + Gets(64) + "],\"else\":[" + Gets(64) + "]}}"), 400, "txn-too-large" },

        // Hosts that are no address to us, though some resolvers take them for one.
        { "GET", "/livez", "Host: 127.1", "", 421, "host-not-allowed" },
        { "GET", "/livez", "Host: 0x7f000001", "", 421, "host-not-allowed" },
        { "GET", "/livez", "Host: 2130706433", "", 421, "host-not-allowed" },
        { "GET", "/livez", "Host: 010.0.0.1", "", 421, "host-not-allowed" },
        { "GET", "/livez", "Host: 127.0.0.1.", "", 421, "host-not-allowed" },
        { "GET", "/livez", "Host: ", "", 421, "host-not-allowed" },

        // Methods are case-sensitive.
        { "get", "/v1/kv/a", "", "", 405, "method-not-allowed" },
        { "Put", "/v1/kv/a", "", "x", 405, "method-not-allowed" },

        // Another scheme is another origin.
        { "PUT", "/v1/kv/a", "Host: localhost:2379\r\nOrigin: https://localhost:2379", "x", 403, "origin-not-allowed" },

        // Conditions on writes that have none.
        { "POST", "/v1/txn", Json + "\r\nIf-Match: \"1\"", "{}", 400, "invalid-field-combination" },
        { "POST", "/v1/txn", Json + "\r\nIf-None-Match: *", "{}", 400, "invalid-field-combination" },
        { "POST", "/v1/leases", Json + "\r\nIf-None-Match: *", "{\"ttl\":5}", 400, "invalid-field-combination" },
        { "POST", "/v1/compact", Json + "\r\nIf-Match: *", "{\"rev\":1}", 400, "invalid-field-combination" },

        // Names of parameters are decoded like their values.
        { "GET", "/v1/kv?%6cimit=0", "", "", 400, "invalid-limit" },
        { "GET", "/v1/kv?limit=1&%6cimit=2", "", "", 400, "duplicate-parameter" },
        { "GET", "/v1/kv?%zz=1", "", "", 400, "bad-request" },
        { "GET", "/v1/kv?acc%65ss_token=1", "", "", 400, "token-in-url" },

        { "GET", "/metrics?x=1", "", "", 400, "unknown-parameter" },
        { "GET", "/readyz?x=1", "", "", 400, "unknown-parameter" },

        // No revision is in a range that is upside down.
        { "GET", "/v1/kv?prefix=&minModRev=5&maxModRev=4", "", "", 400, "invalid-range" },
        { "POST", "/v1/txn", Json, "{\"then\":[{\"get\":{\"prefix\":\"\",\"minModRev\":5,\"maxModRev\":4}}]}", 400, "invalid-range" },

        // The words for kinds of change in a body.
        { "POST", "/v1/watch", Json, "{\"prefix\":\"a\",\"types\":[\"put\",\"x\"]}", 400, "bad-request" },
        { "POST", "/v1/watch", Json, "{\"prefix\":\"a\",\"types\":[]}", 400, "bad-request" },
        { "POST", "/v1/watch", Json, "{\"prefix\":\"a\",\"types\":5}", 400, "invalid-type" },
    };

    /// <summary>Target, headers, body ("" is a GET), a part of the detail, the place.</summary>
    public static TheoryData<string, string, string, string?> Texts => new()
    {
        { "/v1/kv/a?format=xml", "", "format is one of json, raw", "format" },
        { "/v1/history/a/../b", "", "/v1/history64/", null },
        { "/v1/history/%ff", "", "/v1/history64/", null },
        { "/v1/kv/a/../b", "", "/v1/kv64/", null },
        { "/v1/txn", "{\"if\":[{}]}", "no key, no prefix", "/if/0/key" },
        { "/v1/txn", "{\"then\":[{\"put\":{\"keyBase64\":\"\",\"value\":\"1\"}}]}", "at least one byte", "/then/0/put/keyBase64" },
        { "/v1/txn", "{\"then\":[{\"get\":{\"keyBase64\":\"\"}}]}", "at least one byte", "/then/0/get/keyBase64" },
        { "/v1/leases/keepalive", "{\"ids\":[\"a\",\"zz\"]}", "hexadecimal", "/ids/1" },
        { "/v1/leases/zz", "", "there is no such lease", null },
    };

    [Theory]
    [InlineData("/v1/kv?prefix=head/")]
    [InlineData("/v1/history/head/a")]
    [InlineData("/v1/history64/aGVhZC9h")]
    [InlineData("/v1/status")]
    [InlineData("/v1/limits")]
    [InlineData("/v1/quota")]
    [InlineData("/v1/retention")]
    [InlineData("/v1/leases")]
    [InlineData("/problems")]
    [InlineData("/problems/key-empty")]
    [InlineData("/livez")]
    [InlineData("/version")]
    [InlineData("/metrics")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/openapi/v1.yaml")]
    public async Task Head_is_get_without_the_body(string target)
    {
        await node.SendAsync("PUT", "/v1/kv/head/a", "", "1");
        await using var connection = await node.ConnectAsync();

        var get = await connection.SendAsync("GET", target);
        var head = await connection.SendAsync("HEAD", target);
        var again = await connection.SendAsync("GET", target);

        Assert.Equal((200, 200, 200), (get.Status, head.Status, again.Status));
        Assert.Equal(get.Header("Content-Type"), head.Header("Content-Type"));
        Assert.Equal(get.Header("Cache-Control"), head.Header("Cache-Control"));
        Assert.NotEmpty(get.Body);
    }

    [Fact]
    public async Task Head_of_a_streamed_list_sends_nothing_and_keeps_the_connection()
    {
        await using var connection = await node.ConnectAsync();

        var lines = await connection.SendAsync("HEAD", "/v1/kv?prefix=", "Accept: application/x-ndjson");
        var events = await connection.SendAsync("HEAD", "/v1/kv?prefix=", "Accept: text/event-stream, application/json;q=0.1");

        Assert.Equal((200, "application/x-ndjson"), (lines.Status, lines.Header("Content-Type")));
        Assert.Equal((200, "application/json"), (events.Status, events.Header("Content-Type")));
    }

    [Fact]
    public async Task The_document_is_yaml_by_its_own_name_and_has_the_metrics()
    {
        var yaml = await node.SendAsync("GET", "/openapi/v1.yaml");

        Assert.Equal("application/yaml", yaml.Header("Content-Type"));
        Assert.Contains("/metrics:", yaml.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_whose_condition_failed_says_what_was_met_and_what_was_asked()
    {
        var put = await node.SendAsync("PUT", "/v1/kv/corner/cond", "", "1");
        var revision = put.Json.GetProperty("rev").GetInt64();

        var other = await node.SendAsync("GET", "/v1/kv/corner/cond", "If-Match: \"1\", \"2\"");
        var absent = await node.SendAsync("GET", "/v1/kv/corner/none", "If-Match: *");

        Assert.Equal(412, other.Status);
        Assert.Equal($"the key is at revision {revision}, not 1 or 2", other.Json.GetProperty("detail").GetString());
        Assert.Equal("the key does not exist", absent.Json.GetProperty("detail").GetString());
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task A_fault_is_told_in_words_and_with_its_place(string target, string body, string part, string? at)
    {
        var response = body.Length == 0 ? await node.SendAsync("GET", target) : await node.SendAsync("POST", target, Json, body);

        Assert.Contains(part, response.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(at, response.Json.TryGetProperty("at", out var place) ? place.GetString() : null);
    }

    [Fact]
    public async Task A_method_in_small_letters_is_told_the_real_ones()
    {
        var response = await node.SendAsync("get", "/v1/kv/a");

        Assert.Equal((string[])["DELETE", "GET", "HEAD", "PUT"], response.Header("Allow")!.Split(", ").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_server_itself_and_its_own_pages_may_ask_for_options()
    {
        var server = await node.SendAsync("OPTIONS", "*");
        var own = await node.SendAsync(
            "OPTIONS", "/v1/kv/a", "Host: localhost:2379\r\nOrigin: http://localhost:2379\r\nAccess-Control-Request-Method: PUT");

        Assert.Equal(204, server.Status);
        Assert.Equal(204, own.Status);
        Assert.Null(own.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task The_form_wanted_more_is_sent_and_a_preference_may_be_quoted()
    {
        var put = await node.SendAsync("PUT", "/v1/kv/corner/form", "Prefer: return=\"minimal\"", "x");
        var raw = await node.SendAsync("GET", "/v1/kv/corner/form", "Accept: application/json;q=0.1, text/plain");
        var json = await node.SendAsync("GET", "/v1/kv/corner/form", "Accept: text/plain;q=0.1, application/json");

        Assert.Equal(204, put.Status);
        Assert.Equal("x", raw.Text);
        Assert.Equal("x", json.Json.GetProperty("value").GetString());
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_corner_is_judged_like_the_plain_form(
        string method, string target, string headers, string body, int status, string code)
    {
        var before = node.Node.View.Revision;

        var response = body.Length == 0
            ? await node.SendAsync(method, target, headers)
            : await node.SendAsync(method, target, headers, body);

        Assert.True((response.Status, response.Code) == (status, code), $"{method} {target}: {response.Status} {response.Text}");
        Assert.Equal(before, node.Node.View.Revision);
    }

    [Fact]
    public async Task Transactions_of_exactly_the_limit_are_taken()
    {
        var flat = await node.SendAsync("POST", "/v1/txn", Json, Then(Gets(128)));
        var nested = await node.SendAsync("POST", "/v1/txn", Json, Then(Txn("then", 63), Txn("else", 63)));

        Assert.Equal(200, flat.Status);
        Assert.Equal(200, nested.Status);
    }

    [Theory]
    [InlineData("{\"key\":\"never\",\"value\":{\"ne\":\"x\"}}", false)]
    [InlineData("{\"key\":\"never\",\"lease\":\"0\"}", true)]
    [InlineData("{\"key\":\"never\",\"version\":0}", true)]
    public async Task A_missing_key_has_no_lease_and_no_value_to_compare(string condition, bool holds)
    {
        var response = await node.SendAsync("POST", "/v1/txn", Json, "{\"if\":[" + condition + "]}");

        Assert.Equal(holds, response.Json.GetProperty("succeeded").GetBoolean());
    }

    [Fact]
    public async Task Open_ranges_go_when_that_is_said_and_closed_ones_at_once()
    {
        foreach (var key in (string[])["open/a", "open/b", "open/c"])
        {
            await node.SendAsync("PUT", "/v1/kv/" + key, "", "1");
        }

        await node.SendAsync("PUT", "/v1/kv64/_w", "", "1");

        var prefix = await node.SendAsync("DELETE", "/v1/kv?prefix64=_w");
        var closed = await node.SendAsync("DELETE", "/v1/kv?start=open/a&end=open/b");
        var txn = await node.SendAsync("POST", "/v1/txn", Json, "{\"then\":[{\"delete\":{\"start\":\"open/b\",\"end\":\"open/c\"}}]}");
        var open = await node.SendAsync("DELETE", "/v1/kv?start=open/c&all=true");

        Assert.Equal(1, prefix.Json.GetProperty("deleted").GetInt64());
        Assert.Equal(1, closed.Json.GetProperty("deleted").GetInt64());
        Assert.Equal(1, txn.Json.GetProperty("results")[0].GetProperty("delete").GetProperty("deleted").GetInt64());
        Assert.True(open.Json.GetProperty("deleted").GetInt64() >= 1);
    }

    private static string Then(params string[] operations) => "{\"then\":[" + string.Join(',', operations) + "]}";

    private static string Txn(string branch, int gets, params string[] more) =>
        "{\"txn\":{\"" + branch + "\":[" + string.Join(',', [Gets(gets), .. more]) + "]}}";

    private static string Gets(int times) => Repeat("{\"get\":{\"key\":\"a\"}}", times);

    private static string Repeat(string text, int times) => string.Join(',', Enumerable.Repeat(text, times));
}

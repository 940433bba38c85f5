using System.Text.Json;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

public sealed class TxnTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    /// <summary>Conditions against key "cmp" = "m" at version 2 (and "absent", which does not exist), and whether they hold.</summary>
    public static TheoryData<string, bool> Conditions => new()
    {
        { """{"key":"cmp","exists":true}""", true },
        { """{"key":"cmp","exists":false}""", false },
        { """{"key":"absent","exists":false}""", true },
        { """{"prefix":"cm","exists":true}""", true },
        { """{"prefix":"absent","exists":false}""", true },
        { """{"prefix":"cm","exists":false}""", false },
        { """{"key":"cmp","value":"m"}""", true },
        { """{"key":"cmp","value":{"eq":"m"}}""", true },
        { """{"key":"cmp","value":{"ne":"m"}}""", false },
        { """{"key":"cmp","value":{"gt":"l"}}""", true },
        { """{"key":"cmp","value":{"lt":"l"}}""", false },
        { """{"key":"cmp","base64":"bQ=="}""", true },
        { """{"key":"absent","value":{"ne":"m"}}""", false },
        { """{"key":"cmp","version":2}""", true },
        { """{"key":"cmp","version":{"gt":1}}""", true },
        { """{"key":"cmp","version":{"lt":2}}""", false },
        { """{"key":"absent","version":0}""", true },
        { """{"key":"absent","modRev":0}""", true },
        { """{"key":"cmp","modRev":{"gt":0}}""", true },
        { """{"key":"cmp","createRev":{"ne":0}}""", true },
        { """{"key":"cmp","lease":"0"}""", true },
        { """{"key":"cmp","lease":{"gt":"0"}}""", false },
        { """{"keyBase64":"Y21w","version":2}""", true },
        { """{"start":"cm","end":"cn","version":{"gt":0}}""", true },
        { """{"start":"x","end":"y","version":0}""", true },
        { """{"start":"x","end":"y","value":""}""", false },
    };

    [Theory]
    [MemberData(nameof(Conditions))]
    public async Task Conditions_hold_or_do_not(string condition, bool holds)
    {
        await node.SendAsync("POST", "/v1/txn", "", """{"then":[{"delete":{"key":"cmp"}}]}""");
        await node.SendAsync("PUT", "/v1/kv/cmp", "", "a");
        await node.SendAsync("PUT", "/v1/kv/cmp", "", "m");

        var result = await node.SendAsync("POST", "/v1/txn", "", "{\"if\":[" + condition + "],\"then\":[{\"get\":{\"key\":\"cmp\"}}]}");

        Assert.Equal(200, result.Status);
        Assert.Equal(holds, result.Json.GetProperty("succeeded").GetBoolean());
        Assert.Equal(holds ? 1 : 0, result.Json.GetProperty("results").GetArrayLength());
    }

    [Fact]
    public async Task Everything_happens_in_one_revision_and_in_order()
    {
        await node.SendAsync("PUT", "/v1/kv/t/old/1", "", "x");
        await node.SendAsync("PUT", "/v1/kv/t/old/2", "", "x");
        var before = node.Node.View.Revision;

        var result = (await node.SendAsync("POST", "/v1/txn", "", """
            {"if":[{"key":"t/a","exists":false}],
             "then":[{"get":{"key":"t/a"}},{"put":{"key":"t/a","value":"1"}},{"get":{"key":"t/a"}},
                     {"delete":{"prefix":"t/old/","prev":true}},{"put":{"key":"t/b","json":{"x": [1, 2]}}},
                     {"put":{"keyBase64":"/w==","base64":"AA=="}}]}
            """)).Json;
        var results = result.GetProperty("results");

        Assert.Equal(before + 1, result.GetProperty("rev").GetInt64());
        Assert.Equal(0, results[0].GetProperty("get").GetProperty("items").GetArrayLength());
        Assert.True(results[1].GetProperty("put").GetProperty("created").GetBoolean());
        Assert.Equal("1", results[2].GetProperty("get").GetProperty("items")[0].GetProperty("value").GetString());
        Assert.Equal(2, results[3].GetProperty("delete").GetProperty("deleted").GetInt64());
        Assert.Equal(2, results[3].GetProperty("delete").GetProperty("prev").GetArrayLength());
        Assert.Equal("{\"x\":[1,2]}", (await node.SendAsync("GET", "/v1/kv/t/b")).Text);
        Assert.Equal<byte[]>([0], (await node.SendAsync("GET", "/v1/kv64/_w")).Body);
    }

    [Fact]
    public async Task Else_runs_and_strict_makes_it_an_error()
    {
        const string Body = """{"if":[{"key":"never","exists":true}],"then":[],"else":[{"get":{"prefix":"","limit":1}}]}""";

        var lenient = await node.SendAsync("POST", "/v1/txn", "", Body);
        var strict = await node.SendAsync("POST", "/v1/txn?strict=true", "", Body);

        Assert.False(lenient.Json.GetProperty("succeeded").GetBoolean());
        Assert.Equal((412, "txn-else"), (strict.Status, strict.Code));
    }

    [Fact]
    public async Task Nested_transactions_are_judged_against_the_state_before()
    {
        var result = (await node.SendAsync("POST", "/v1/txn", "", """
            {"then":[{"put":{"key":"nest/a","value":"1"}},
                     {"txn":{"if":[{"key":"nest/a","exists":true}],"then":[{"put":{"key":"nest/yes","value":"1"}}],
                             "else":[{"txn":{"then":[{"put":{"key":"nest/no","value":"1"}}]}}]}}]}
            """)).Json;

        var inner = result.GetProperty("results")[1].GetProperty("txn");
        Assert.False(inner.GetProperty("succeeded").GetBoolean());
        Assert.True(inner.GetProperty("results")[0].GetProperty("txn").GetProperty("succeeded").GetBoolean());
        Assert.Equal(404, (await node.SendAsync("GET", "/v1/kv/nest/yes")).Status);
        Assert.Equal(200, (await node.SendAsync("GET", "/v1/kv/nest/no")).Status);
    }

    [Theory]
    [InlineData("""{"then":[{"put":{"key":"d","value":"1"}},{"put":{"keyBase64":"ZA==","value":"2"}}]}""", false)]
    [InlineData("""{"then":[{"delete":{"key":"d"}},{"delete":{"prefix":"d"}}]}""", true)]
    [InlineData("""{"then":[{"put":{"key":"d","value":"1"}}],"else":[{"put":{"key":"d","value":"2"}}]}""", true)]
    [InlineData("""{"then":[{"put":{"key":"d","value":"1"}},{"txn":{"then":[{"put":{"key":"d","value":"2"}}]}}]}""", false)]
    [InlineData("""{"then":[{"txn":{"then":[{"put":{"key":"d","value":"1"}}],"else":[{"put":{"key":"d","value":"2"}}]}}]}""", true)]
    [InlineData("""{"then":[{"txn":{"then":[{"put":{"key":"d","value":"1"}}]}},{"txn":{"else":[{"put":{"key":"d","value":"2"}}]}}]}""", false)]
    [InlineData("""{"then":[{"delete":{"prefix":"d"}},{"txn":{"else":[{"put":{"key":"dd","value":"2"}}]}}]}""", false)]
    [InlineData("""{"then":[{"put":{"key":"d","value":"1"}},{"txn":{"then":[{"delete":{"key":"d"}}]}}]}""", false)]
    [InlineData("""{"if":[{"key":"never","exists":true}],"then":[{"put":{"key":"d","value":"1"}},{"delete":{"start":"c","end":"e"}}]}""", false)]
    public async Task A_branch_writes_a_key_once(string body, bool isFine)
    {
        var response = await node.SendAsync("POST", "/v1/txn", "", body);

        Assert.Equal(isFine ? (200, null) : (400, "txn-duplicate-key"), (response.Status, response.Code));
    }

    [Fact]
    public async Task The_limits_themselves_are_allowed()
    {
        var gets = string.Join(',', Enumerable.Repeat("""{"get":{"key":"a"}}""", 128));
        var compares = string.Join(',', Enumerable.Repeat("""{"key":"limits","exists":false}""", 128));

        var wide = await node.SendAsync("POST", "/v1/txn", "", $$"""{"if":[{{compares}}],"then":[{{gets}}],"else":[{{gets}}]}""");
        var deep = await node.SendAsync("POST", "/v1/txn", "", """{"then":[{"txn":{"then":[{"txn":{"then":[]}}]}}]}""");

        Assert.Equal(200, wide.Status);
        Assert.Equal(128, wide.Json.GetProperty("results").GetArrayLength());
        Assert.Equal(200, deep.Status);
    }

    [Fact]
    public async Task Reads_in_transactions_take_the_forms_of_lists()
    {
        await node.SendAsync("PUT", "/v1/kv/form/1", "", "{\"a\":1}");
        await node.SendAsync("PUT", "/v1/kv/form/2", "", "b");
        var now = node.Node.View.Revision;

        var result = (await node.SendAsync("POST", "/v1/txn", "", """
            {"then":[{"get":{"prefix":"form/","order":"desc","limit":1}},
                     {"get":{"prefix":"form/","values":"json","sort":"modRev"}},
                     {"get":{"prefix":"form/","values":"none"}},
                     {"get":{"prefix":"form/","countOnly":true}},
                     {"get":{"key":"form/2","rev":REV}}]}
            """.Replace("REV", (now - 1).ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal))).Json;
        JsonElement Get(int index) => result.GetProperty("results")[index].GetProperty("get");

        Assert.Equal("form/2", Get(0).GetProperty("items")[0].GetProperty("key").GetString());
        Assert.True(Get(0).GetProperty("more").GetBoolean());
        Assert.Equal(1, Get(1).GetProperty("items")[0].GetProperty("json").GetProperty("a").GetInt32());
        Assert.False(Get(2).GetProperty("items")[0].TryGetProperty("value", out _));
        Assert.Equal(2, Get(3).GetProperty("count").GetInt64());
        Assert.Equal(0, Get(4).GetProperty("items").GetArrayLength());
        Assert.Equal(now, node.Node.View.Revision);
    }

    [Fact]
    public async Task Leases_in_transactions()
    {
        var lease = (await node.SendAsync("POST", "/v1/leases", "", """{"ttl":60}""")).Json.GetProperty("id").GetString();

        var result = (await node.SendAsync("POST", "/v1/txn", "", $$$"""
            {"then":[{"put":{"key":"tl/a","value":"1","lease":"{{{lease}}}"}},{"put":{"key":"tl/b","value":"1","ttl":"30s"}}]}
            """)).Json.GetProperty("results");
        var kept = await node.SendAsync("POST", "/v1/txn", "", """{"then":[{"put":{"key":"tl/a","value":"2","keepLease":true,"prev":true}}]}""");
        var compare = await node.SendAsync("POST", "/v1/txn", "", $$"""{"if":[{"key":"tl/a","lease":"{{lease}}"}]}""");

        Assert.Equal(16, result[1].GetProperty("put").GetProperty("lease").GetString()!.Length);
        Assert.Equal("1", kept.Json.GetProperty("results")[0].GetProperty("put").GetProperty("prev").GetProperty("value").GetString());
        Assert.True(compare.Json.GetProperty("succeeded").GetBoolean());
        Assert.Equal(lease, (await node.SendAsync("GET", "/v1/kv/tl/a")).Header("Kv-Lease"));
    }

    /// <summary>All reads of one transaction share one bound; later ones say that there is more.</summary>
    [Fact]
    public async Task Reading_the_same_large_values_again_and_again_ends_somewhere()
    {
        await node.SendAsync("PUT", "/v1/kv/huge/1", "", new string('x', 1 << 20));
        var gets = string.Join(',', Enumerable.Repeat("""{"get":{"prefix":"huge/"}}""", 60));

        var answer = await node.SendAsync("POST", "/v1/txn", "", $$"""{"then":[{{gets}}]}""");

        var results = answer.Json.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("get")).ToList();
        Assert.InRange(answer.Body.Length, 10 << 20, 40 << 20);
        Assert.Equal(1, results[0].GetProperty("items").GetArrayLength());
        Assert.Equal(0, results[^1].GetProperty("items").GetArrayLength());
        Assert.True(results[^1].GetProperty("more").GetBoolean());
        var all = await node.SendAsync("POST", "/v1/txn", "", """{"then":[{"get":{"prefix":"huge/","countOnly":true}}]}""");
        Assert.Equal(1, all.Json.GetProperty("results")[0].GetProperty("get").GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Previous_values_beyond_the_bound_are_refused_before_anything_happens()
    {
        for (var i = 0; i < 17; i++)
        {
            await node.SendAsync("PUT", $"/v1/kv/prevs/{i}", "", new string('x', 1 << 20));
        }

        var refused = await node.SendAsync("DELETE", "/v1/kv?prefix=prevs/&prev=true");
        var taken = await node.SendAsync("DELETE", "/v1/kv?prefix=prevs/");

        Assert.Equal((400, "result-too-large"), (refused.Status, refused.Code));
        Assert.Equal(17, taken.Json.GetProperty("deleted").GetInt64());
    }

    [Fact]
    public async Task A_put_with_a_time_to_live_tells_its_lease_and_seconds()
    {
        var answer = await node.SendAsync("POST", "/v1/txn", "", """{"then":[{"put":{"key":"ttl/t","value":"1","ttl":"2m"}}]}""");

        var put = answer.Json.GetProperty("results")[0].GetProperty("put");
        Assert.Equal(120, put.GetProperty("ttl").GetInt64());
        Assert.Equal(200, (await node.SendAsync("GET", $"/v1/leases/{put.GetProperty("lease").GetString()}")).Status);
    }
}

using RestKv.Http.Tests.Support;
using static RestKv.Http.Tests.Etcd.EtcdRequests;

namespace RestKv.Http.Tests.Etcd;

/// <summary>Transactions with etcd's meaning.</summary>
public sealed class EtcdTxnTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string TooMany = "etcdserver: too many operations in txn request";

    [Fact]
    public async Task A_lock_is_taken_once()
    {
        var json = $$$$"""
            {"compare":[{"key":"{{{{B("lock")}}}}","target":"CREATE","create_revision":"0"}],
             "success":[{"request_put":{"key":"{{{{B("lock")}}}}","value":"{{{{B("me")}}}}"}}],
             "failure":[{"request_range":{"key":"{{{{B("lock")}}}}"}}]}
            """;
        var first = await node.DoAsync("kv/txn", json);
        var second = await node.DoAsync("kv/txn", json);
        var revision = first.Revision();

        Assert.Equal(
            $$$$"""{"succeeded":true,"responses":[{"response_put":{"header":{"revision":"{{{{revision}}}}"}}}]}""", first.Body());
        Assert.Equal(
            $$$$"""{"responses":[{"response_range":{"header":{"revision":"{{{{revision}}}}"},"kvs":[{"key":"{{{{B("lock")}}}}","create_revision":"{{{{revision}}}}","mod_revision":"{{{{revision}}}}","version":"1","value":"{{{{B("me")}}}}"}],"count":"1"}}]}""",
            second.Body());
        Assert.Equal(revision, second.Revision());
    }

    [Fact]
    public async Task Operations_see_those_before_them_and_compares_see_none()
    {
        var json = $$$$"""
            {"success":[
             {"request_range":{"key":"{{{{B("seen")}}}}","count_only":true}},
             {"request_put":{"key":"{{{{B("seen")}}}}"}},
             {"request_range":{"key":"{{{{B("seen")}}}}","count_only":true}},
             {"request_txn":{"compare":[{"key":"{{{{B("seen")}}}}","target":"VERSION","version":0}],
                             "success":[{"request_put":{"key":"{{{{B("seen/then")}}}}"}}],
                             "failure":[{"request_put":{"key":"{{{{B("seen/else")}}}}"}}]}}]}
            """;
        var answer = await node.DoAsync("kv/txn", json);
        var now = answer.Revision();

        var responses = answer.GetProperty("responses");
        Assert.Equal($$$$"""{"header":{"revision":"{{{{now - 1}}}}"}}""", responses[0].GetProperty("response_range").GetRawText());
        Assert.Equal($$$$"""{"header":{"revision":"{{{{now}}}}"},"count":"1"}""", responses[2].GetProperty("response_range").GetRawText());
        Assert.Equal(
            $$$$"""{"header":{},"succeeded":true,"responses":[{"response_put":{"header":{"revision":"{{{{now}}}}"}}}]}""",
            responses[3].GetProperty("response_txn").GetRawText());
    }

    [Theory]
    [InlineData("""{"key":"dGFyZ2V0","target":"VERSION","version":"2"}""", true)]
    [InlineData("""{"key":"dGFyZ2V0","target":"VERSION","result":"GREATER","version":2}""", false)]
    [InlineData("""{"key":"dGFyZ2V0","target":"VALUE","result":"EQUAL","value":"bg=="}""", true)]
    [InlineData("""{"key":"dGFyZ2V0","target":"VALUE","result":"LESS","value":"bQ=="}""", false)]
    [InlineData("""{"key":"dGFyZ2V0","target":"LEASE"}""", true)]
    [InlineData("""{"key":"dGFyZ2V0","target":"MOD","version":"7"}""", false)]
    [InlineData("""{"key":"YWJzZW50","target":"VALUE","result":"NOT_EQUAL","value":"bQ=="}""", false)]
    [InlineData("""{"key":"YWJzZW50","target":"MOD","result":"LESS","mod_revision":"1"}""", true)]
    [InlineData("""{"key":"dA==","range_end":"dQ==","target":"VERSION","version":"2"}""", true)]
    public async Task Compares(string compare, bool holds)
    {
        await node.DoAsync("kv/deleterange", """{"key":"dGFyZ2V0"}""");
        await node.DoAsync("kv/put", """{"key":"dGFyZ2V0","value":"bQ=="}""");
        await node.DoAsync("kv/put", """{"key":"dGFyZ2V0","value":"bg=="}""");

        // Judged twice: on a view for what only reads, and in the log for what writes.
        var read = await node.DoAsync("kv/txn", $$$$"""{"compare":[{{{{compare}}}}]}""");
        var written = await node.DoAsync(
            "kv/txn", $$$$"""{"compare":[{{{{compare}}}}],"success":[{"request_delete_range":{"key":"eA=="}}],"failure":[{"request_put":{"key":"eA=="}}]}""");

        Assert.Equal(holds, read.TryGetProperty("succeeded", out _));
        Assert.Equal(holds, written.TryGetProperty("succeeded", out _));
    }

    [Fact]
    public async Task The_limit_of_operations_is_shared_by_all_levels()
    {
        static string Ranges(int count) => string.Join(",", Enumerable.Repeat("""{"request_range":{"key":"YQ=="}}""", count));

        await node.DoAsync("kv/txn", $$$$"""{"success":[{{{{Ranges(128)}}}}],"failure":[{{{{Ranges(128)}}}}]}""");
        await node.RefusesAsync("kv/txn", $$$$"""{"failure":[{{{{Ranges(129)}}}}]}""", 400, 3, TooMany);
        await node.DoAsync("kv/txn", $$$$"""{"success":[{"request_txn":{"success":[{{{{Ranges(127)}}}}]}}]}""");
        await node.RefusesAsync(
            "kv/txn", $$$$"""{"success":[{"request_txn":{"success":[{{{{Ranges(128)}}}}]}}]}""", 400, 3, TooMany);
    }

    [Fact]
    public async Task Transactions_may_be_nested_as_deep_as_their_limit()
    {
        static string Nested(int depth) =>
            string.Concat(Enumerable.Repeat("""{"success":[{"request_txn":""", depth)) + "{}" + string.Concat(Enumerable.Repeat("}]}", depth));

        Assert.Equal(200, (await node.CallAsync("kv/txn", Nested(128))).Status);
        await node.RefusesAsync("kv/txn", Nested(129), 400, 3, TooMany);
    }

    [Theory]
    [InlineData("""{"compare":[{"key":""}]}""", 400, 3, "etcdserver: key is not provided")]
    [InlineData("""{"success":[{}]}""", 400, 3, "etcdserver: key not found")]
    [InlineData("""{"failure":[{"request_range":{}}]}""", 400, 3, "etcdserver: key is not provided")]
    [InlineData("""{"success":[{"request_put":{"key":"cQ=="}},{"request_put":{"key":"cQ=="}}]}""", 400, 3, "etcdserver: duplicate key given in txn request")]
    [InlineData("""{"failure":[{"request_put":{"key":"cQ=="}},{"request_delete_range":{"key":"YQ==","range_end":"AA=="}}]}""", 400, 3, "etcdserver: duplicate key given in txn request")]
    [InlineData("""{"success":[{"request_put":{"key":"cQ==","lease":"42"}}]}""", 404, 5, "etcdserver: requested lease not found")]
    [InlineData("""{"success":[{"request_put":{"key":"bm9uZQ==","ignore_value":true}}]}""", 400, 3, "etcdserver: key not found")]
    [InlineData("""{"success":[{"request_range":{"key":"cQ==","revision":"9000000"}}]}""", 400, 11, "etcdserver: mvcc: required revision is a future revision")]
    [InlineData("""{"success":[{"request_range":{"key":"cQ==","revision":"9000000"}},{"request_put":{"key":"cQ==","lease":"42"}}]}""", 404, 5, "etcdserver: requested lease not found")]
    public Task Refusals(string json, int status, int code, string text) => node.RefusesAsync("kv/txn", json, status, code, text);
}

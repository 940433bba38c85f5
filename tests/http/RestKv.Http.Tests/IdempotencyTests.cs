using System.Globalization;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

public sealed class IdempotencyTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string TakeIt =
        """{"if":[{"key":"idem/taken","exists":false}],"then":[{"put":{"key":"idem/taken","value":"1"}}],"else":[{"get":{"key":"idem/taken"}}]}""";

    [Fact]
    public async Task A_repeated_write_gets_the_first_answer_and_writes_nothing()
    {
        var first = await node.SendAsync("PUT", "/v1/kv/idem/a%2Fb?timeout=60s", "Idempotency-Key: k-1", "1");
        var between = await node.SendAsync("PUT", "/v1/kv/idem/a/b", "", "2");
        var again = await node.SendAsync("PUT", "/v1/kv/idem/a/b", "Idempotency-Key: k-1", "1");

        Assert.Null(first.Header("Idempotency-Replayed"));
        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        Assert.Equal(first.Status, again.Status);
        Assert.Equal(first.Text, again.Text);
        Assert.Equal("2", (await node.SendAsync("GET", "/v1/kv/idem/a/b")).Text);
        Assert.Equal(200, between.Status);
    }

    [Fact]
    public async Task Another_request_with_the_key_is_refused()
    {
        await node.SendAsync("PUT", "/v1/kv/idem/m", "Idempotency-Key: k-2", "1");

        var value = await node.SendAsync("PUT", "/v1/kv/idem/m", "Idempotency-Key: k-2", "2");
        var key = await node.SendAsync("PUT", "/v1/kv/idem/n", "Idempotency-Key: k-2", "1");
        var condition = await node.SendAsync("PUT", "/v1/kv/idem/m", "Idempotency-Key: k-2\r\nIf-Match: *", "1");
        var kind = await node.SendAsync("DELETE", "/v1/kv/idem/m", "Idempotency-Key: k-2");

        Assert.All((RawResponse[])[value, key, condition, kind], answer =>
        {
            Assert.Equal((422, "idempotency-mismatch"), (answer.Status, answer.Code));
        });
    }

    [Fact]
    public async Task A_failed_condition_is_remembered_too()
    {
        await node.SendAsync("PUT", "/v1/kv/idem/c", "", "1");

        var first = await node.SendAsync("PUT", "/v1/kv/idem/c", "Idempotency-Key: k-3\r\nIf-None-Match: *", "2");
        await node.SendAsync("DELETE", "/v1/kv/idem/c");
        var again = await node.SendAsync("PUT", "/v1/kv/idem/c", "Idempotency-Key: k-3\r\nIf-None-Match: *", "2");

        Assert.Equal(412, first.Status);
        Assert.Equal(412, again.Status);
        Assert.Equal(404, (await node.SendAsync("GET", "/v1/kv/idem/c")).Status);
    }

    [Fact]
    public async Task Many_retries_at_once_write_once()
    {
        var before = node.Node.View.Revision;

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            node.SendAsync("PUT", "/v1/kv/idem/many", "Idempotency-Key: k-4", "x")));

        Assert.All(answers, answer => Assert.Equal(201, answer.Status));
        Assert.Single(answers.Select(answer => answer.Text).Distinct());
        Assert.Single(answers, answer => answer.Header("Idempotency-Replayed") is null);
        Assert.Equal(before + 1, node.Node.View.Revision);
    }

    [Fact]
    public async Task Every_kind_of_write_takes_a_key()
    {
        foreach (var (method, target, body) in ((string, string, string)[])
            [
                ("DELETE", "/v1/kv?prefix=idem/none/", ""),
                ("POST", "/v1/txn", """{"then":[{"put":{"key":"idem/txn","value":"1"}}]}"""),
                ("POST", "/v1/leases", """{"ttl":600}"""),
                ("POST", "/v1/compact", """{"rev":1}"""),
                ("PUT", "/v1/retention", """{"revisions":100000,"age":"1h"}"""),
            ])
        {
            var headers = "Content-Type: application/json\r\nIdempotency-Key: kind-" + method + target.GetHashCode(StringComparison.Ordinal)
                .ToString(CultureInfo.InvariantCulture);

            var first = await node.SendAsync(method, target, headers, body);
            var again = await node.SendAsync(method, target, headers, body);

            Assert.True(first.Status is 200 or 201, $"{method} {target}: {first.Text}");
            Assert.Equal("true", again.Header("Idempotency-Replayed"));
            Assert.Equal(first.Text, again.Text);
        }
    }

    [Fact]
    public async Task Answers_too_large_to_keep_are_replayed_as_their_revision()
    {
        await node.SendAsync("PUT", "/v1/kv/idem/big", "", new string('x', 2000));
        const string Body = """{"then":[{"put":{"key":"idem/small","value":"1"}},{"get":{"key":"idem/big"}}]}""";

        var first = await node.SendAsync("POST", "/v1/txn", "Idempotency-Key: k-5", Body);
        var again = await node.SendAsync("POST", "/v1/txn", "Idempotency-Key: k-5", Body);

        Assert.Equal(200, again.Status);
        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        Assert.Equal(first.Json.GetProperty("rev").GetInt64(), again.Json.GetProperty("rev").GetInt64());
        Assert.True(again.Json.GetProperty("succeeded").GetBoolean());
        Assert.False(again.Json.TryGetProperty("results", out _));
    }

    /// <summary>A result too large to keep was once remembered without its verdict: a retry was told that it had won.</summary>
    [Theory]
    [InlineData("PUT", "/v1/kv/idem/taken", "If-None-Match: *", "mine", 412)]
    [InlineData("DELETE", "/v1/kv/idem/taken", "If-Match: \"1\"", "", 412)]
    [InlineData("POST", "/v1/txn?strict=true", "", TakeIt, 412)]
    [InlineData("POST", "/v1/txn", "", TakeIt, 200)]
    public async Task Who_lost_is_told_so_again(string method, string target, string header, string body, int status)
    {
        await node.SendAsync("PUT", "/v1/kv/idem/taken", "", new string('x', 2000));
        var key = $"Idempotency-Key: lost-{method}-{status}\r\n{header}".TrimEnd();

        var first = await node.SendAsync(method, target, key, body);
        var again = await node.SendAsync(method, target, key, body);
        var outcome = await node.SendAsync("GET", $"/v1/outcomes/lost-{method}-{status}");

        Assert.Equal((status, status), (first.Status, again.Status));
        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        Assert.Equal("not-applied", outcome.Json.GetProperty("status").GetString());
        Assert.Equal(2000, (await node.SendAsync("GET", "/v1/kv/idem/taken")).Body.Length);
        Assert.True(status == 412
            ? again.Json.GetProperty("outcome").GetString() == "not-applied"
            : !again.Json.GetProperty("succeeded").GetBoolean());
    }

    [Fact]
    public async Task A_strict_transaction_says_when_its_else_branch_wrote()
    {
        const string Body = """{"if":[{"key":"idem/none","exists":true}],"else":[{"put":{"key":"idem/else","value":"1"}}]}""";

        var answer = await node.SendAsync("POST", "/v1/txn?strict=true", "Idempotency-Key: k-else", Body);
        var outcome = await node.SendAsync("GET", "/v1/outcomes/k-else");

        Assert.Equal((412, "txn-else", "applied"), (answer.Status, answer.Code, answer.Json.GetProperty("outcome").GetString()));
        Assert.Equal("applied", outcome.Json.GetProperty("status").GetString());
        Assert.Equal("1", (await node.SendAsync("GET", "/v1/kv/idem/else")).Text);
    }

    [Fact]
    public async Task A_retry_after_a_compaction_is_answered_without_what_is_gone()
    {
        const string Headers = "Idempotency-Key: k-gone\r\nPrefer: return=representation";
        var first = await node.SendAsync("PUT", "/v1/kv/idem/gone", Headers, "1");
        var last = await node.SendAsync("PUT", "/v1/kv/idem/gone", "", "2");
        await node.SendAsync("POST", "/v1/compact", "Content-Type: application/json", $$"""{"rev":{{last.Json.GetProperty("rev").GetInt64()}}}""");

        var again = await node.SendAsync("PUT", "/v1/kv/idem/gone", Headers, "1");

        Assert.Equal((201, 201), (first.Status, again.Status));
        Assert.True(first.Json.TryGetProperty("entry", out _));
        Assert.False(again.Json.TryGetProperty("entry", out _));
    }

    [Fact]
    public async Task Outcomes_can_be_asked_for_and_settled()
    {
        var put = await node.SendAsync("PUT", "/v1/kv/idem/o", "Idempotency-Key: out/1", "1");

        var applied = await node.SendAsync("GET", "/v1/outcomes/out%2F1");
        var settledApplied = await node.SendAsync("DELETE", "/v1/outcomes/out%2F1");
        var unheard = await node.SendAsync("GET", "/v1/outcomes/out-2");
        var settled = await node.SendAsync("DELETE", "/v1/outcomes/out-2");
        var late = await node.SendAsync("PUT", "/v1/kv/idem/late", "Idempotency-Key: out-2", "1");
        var after = await node.SendAsync("GET", "/v1/outcomes/out-2");

        Assert.Equal("applied", applied.Json.GetProperty("status").GetString());
        Assert.Equal(put.Json.GetProperty("rev").GetInt64(), applied.Json.GetProperty("rev").GetInt64());
        Assert.Equal("applied", settledApplied.Json.GetProperty("status").GetString());
        Assert.Equal((404, "key-not-found"), (unheard.Status, unheard.Code));
        Assert.Equal("not-applied", settled.Json.GetProperty("status").GetString());
        Assert.Equal((409, "idempotency-cancelled"), (late.Status, late.Code));
        Assert.Equal("not-applied", after.Json.GetProperty("status").GetString());
        Assert.Equal(404, (await node.SendAsync("GET", "/v1/kv/idem/late")).Status);
    }
}

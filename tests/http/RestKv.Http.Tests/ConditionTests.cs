using System.Globalization;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

public sealed class ConditionTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Create_only_creates_once()
    {
        var first = await node.SendAsync("PUT", "/v1/kv/cond/new", "If-None-Match: *", "1");
        var second = await node.SendAsync("PUT", "/v1/kv/cond/new", "If-None-Match: *", "2");

        Assert.Equal(201, first.Status);
        Assert.Equal(412, second.Status);
        Assert.Equal("precondition-failed", second.Code);
        Assert.Equal(RevisionOf(first), second.Json.GetProperty("current").GetProperty("modRev").GetInt64());
        Assert.Equal(first.Header("ETag"), second.Header("ETag"));
        Assert.Equal("not-applied", second.Json.GetProperty("outcome").GetString());
        Assert.Equal("1", (await node.SendAsync("GET", "/v1/kv/cond/new")).Text);
    }

    [Fact]
    public async Task Compare_and_set_takes_the_tag_of_either_form()
    {
        var one = await node.SendAsync("PUT", "/v1/kv/cond/cas", "", "1");
        var two = await node.SendAsync("PUT", "/v1/kv/cond/cas", $"If-Match: {one.Header("ETag")}", "2");
        var jsonTag = (await node.SendAsync("GET", "/v1/kv/cond/cas?format=json")).Header("ETag");
        var three = await node.SendAsync("PUT", "/v1/kv/cond/cas", $"If-Match: {jsonTag}", "3");
        var stale = await node.SendAsync("PUT", "/v1/kv/cond/cas", $"If-Match: {one.Header("ETag")}", "4");

        Assert.Equal(200, two.Status);
        Assert.Equal(200, three.Status);
        Assert.Equal(412, stale.Status);
        Assert.Equal(3, stale.Json.GetProperty("current").GetProperty("version").GetInt64());
    }

    [Theory]
    [InlineData("If-Match: *", true, 200)]
    [InlineData("If-Match: *", false, 412)]
    [InlineData("If-Match: \"0\"", false, 201)]
    [InlineData("If-Match: \"0\"", true, 412)]
    [InlineData("If-None-Match: \"1\"", true, 200)]
    [InlineData("If-None-Match: \"0\"", false, 412)]
    [InlineData("If-None-Match: \"0\"", true, 200)]
    public async Task Conditions_on_puts(string header, bool exists, int status)
    {
        var target = "/v1/kv/cond/" + Guid.NewGuid().ToString("N");
        if (exists)
        {
            await node.SendAsync("PUT", target, "", "x");
        }

        var put = await node.SendAsync("PUT", target, header, "y");

        Assert.Equal(status, put.Status);
    }

    [Fact]
    public async Task Conditional_deletes()
    {
        var put = await node.SendAsync("PUT", "/v1/kv/cond/del", "", "1");

        var stale = await node.SendAsync("DELETE", "/v1/kv/cond/del", "If-Match: \"1\"");
        var done = await node.SendAsync("DELETE", "/v1/kv/cond/del?prev=true", $"If-Match: {put.Header("ETag")}");
        var gone = await node.SendAsync("DELETE", "/v1/kv/cond/del", "If-Match: *");

        Assert.Equal(412, stale.Status);
        Assert.Equal(1, done.Json.GetProperty("deleted").GetInt64());
        Assert.Equal("1", done.Json.GetProperty("prev").GetProperty("value").GetString());
        Assert.Equal(412, gone.Status);
        Assert.Equal(0, gone.Json.GetProperty("current").GetProperty("modRev").GetInt64());
    }

    [Fact]
    public async Task Reads_are_answered_with_304_when_nothing_changed()
    {
        var put = await node.SendAsync("PUT", "/v1/kv/cond/get", "", "1");
        var tag = put.Header("ETag");

        var same = await node.SendAsync("GET", "/v1/kv/cond/get", $"If-None-Match: {tag}");
        var weak = await node.SendAsync("GET", "/v1/kv/cond/get", $"If-None-Match: \"1\", W/{tag}");
        var any = await node.SendAsync("GET", "/v1/kv/cond/get", "If-None-Match: *");
        var other = await node.SendAsync("GET", "/v1/kv/cond/get", "If-None-Match: \"1\"");
        var json = await node.SendAsync("GET", "/v1/kv/cond/get?format=json", $"If-None-Match: {tag}");
        var matched = await node.SendAsync("GET", "/v1/kv/cond/get", $"If-Match: \"1\", {tag}");
        var failed = await node.SendAsync("GET", "/v1/kv/cond/get", "If-Match: \"1\"");

        Assert.Equal(304, same.Status);
        Assert.Equal(tag, same.Header("ETag"));
        Assert.Empty(same.Body);
        Assert.Equal(304, weak.Status);
        Assert.Equal(304, any.Status);
        Assert.Equal(200, other.Status);
        Assert.Equal(304, json.Status);
        Assert.Equal(200, matched.Status);
        Assert.Equal(412, failed.Status);
    }

    [Fact]
    public async Task Of_many_writers_with_one_tag_exactly_one_wins()
    {
        var tag = (await node.SendAsync("PUT", "/v1/kv/cond/race", "", "0")).Header("ETag");

        var writes = Enumerable.Range(1, 16).Select(number => node.SendAsync(
            "PUT", "/v1/kv/cond/race", $"If-Match: {tag}", number.ToString(CultureInfo.InvariantCulture)));
        var answers = await Task.WhenAll(writes);

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(15, answers.Count(answer => answer.Status == 412));
    }

    private static long RevisionOf(RawResponse response) => response.Json.GetProperty("rev").GetInt64();

    [Theory]
    [InlineData("If-None-Match: *", "the key exists already, at revision {0}")]
    [InlineData("If-Match: \"1\"", "the key is at revision {0}, not 1")]
    public async Task A_missed_condition_says_what_was_found_and_what_was_wanted(string header, string detail)
    {
        var put = await node.SendAsync("PUT", "/v1/kv/missed", "", "x");
        var revision = put.Json.GetProperty("rev").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture);

        var again = await node.SendAsync("PUT", "/v1/kv/missed", header, "y");
        var delete = await node.SendAsync("DELETE", "/v1/kv/missed", header);

        Assert.Equal((412, 412), (again.Status, delete.Status));
        var expected = detail.Replace("{0}", revision, StringComparison.Ordinal);
        Assert.Equal((expected, expected), (again.Json.GetProperty("detail").GetString(), delete.Json.GetProperty("detail").GetString()));
    }
}

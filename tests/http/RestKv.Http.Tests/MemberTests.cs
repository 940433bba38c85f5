using RestKv.Http.Tests.Support;
using RestKv.Testing;

namespace RestKv.Http.Tests;

public sealed class MemberTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_lone_member_lists_itself_with_its_addresses()
    {
        await AnnouncedAsync();
        var page = (await node.SendAsync("GET", "/v1/members")).Json;
        var self = page.GetProperty("members")[0];
        var byName = await node.SendAsync("GET", "/v1/members/default");

        Assert.Equal((1, 1), (page.GetProperty("quorum").GetInt32(), page.GetProperty("voters").GetInt32()));
        Assert.Equal(page.GetProperty("leader").GetString(), self.GetProperty("id").GetString());
        Assert.Equal(("default", "voter"), (self.GetProperty("name").GetString(), self.GetProperty("role").GetString()));
        Assert.Equal("http://127.0.0.1:2380", self.GetProperty("peerUrls")[0].GetString());
        Assert.Equal(self.GetProperty("id").GetString(), byName.Json.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_newcomer_that_never_comes_costs_no_quorum_and_goes_again()
    {
        await AnnouncedAsync();
        var added = await node.SendAsync("POST", "/v1/members", "", """{"name":"ghost","peerUrls":["http://127.0.0.1:9"]}""");
        var id = added.Json.GetProperty("member").GetProperty("id").GetString();
        await Eventually.TrueAsync(
            async () => (await node.SendAsync("GET", $"/v1/members/{id}")).Json.GetProperty("role").GetString() == "learner",
            "the newcomer becomes a learner");

        var put = await node.SendAsync("PUT", "/v1/kv/with-a-ghost", "", "1");
        var promoted = await node.SendAsync("POST", $"/v1/members/{id}/promote");
        var removed = await node.SendAsync("DELETE", $"/v1/members/{id}");

        Assert.Equal((201, $"/v1/members/{id}"), (added.Status, added.Header("Location")));
        Assert.Equal((1, 2), QuorumOf(added));
        Assert.Equal(201, put.Status);
        Assert.Equal((409, "learner-not-ready"), (promoted.Status, promoted.Code));
        Assert.Equal("not-applied", promoted.Json.GetProperty("outcome").GetString());
        Assert.Equal(200, removed.Status);
        await Eventually.TrueAsync(
            async () => (await node.SendAsync("GET", "/v1/members")).Json.GetProperty("members").GetArrayLength() == 1,
            "the ghost is gone");
    }

    [Fact]
    public async Task A_dry_run_judges_and_changes_nothing()
    {
        await AnnouncedAsync();
        var added = await node.SendAsync(
            "POST", "/v1/members?dryRun=true", "", """{"name":"dry","peerUrls":["http://127.0.0.1:9"],"learner":true}""");
        var taken = await node.SendAsync(
            "POST", "/v1/members?dryRun=true", "", """{"name":"default","peerUrls":["http://127.0.0.1:8"]}""");

        Assert.Equal(200, added.Status);
        Assert.True(added.Json.GetProperty("dryRun").GetBoolean());
        Assert.False(added.Json.GetProperty("member").TryGetProperty("id", out _));
        Assert.Equal((1, 1), QuorumOf(added));
        Assert.Equal((409, "member-exists"), (taken.Status, taken.Code));
        Assert.Equal(404, (await node.SendAsync("GET", "/v1/members/dry")).Status);
    }

    [Fact]
    public async Task A_dry_run_says_what_the_call_would_reachability_included_and_uses_up_no_key()
    {
        await AnnouncedAsync();
        var added = await node.SendAsync("POST", "/v1/members", "", """{"name":"silent","peerUrls":["http://127.0.0.1:7"],"learner":true}""");
        var id = added.Json.GetProperty("member").GetProperty("id").GetString();
        await Eventually.TrueAsync(
            async () => (await node.SendAsync("GET", $"/v1/members/{id}")).Json.GetProperty("role").GetString() == "learner",
            "the newcomer becomes a learner");

        const string key = "Idempotency-Key: promote-silent\r\n";
        var judged = await node.SendAsync("POST", $"/v1/members/{id}/promote?dryRun=true", key);
        var promoted = await node.SendAsync("POST", $"/v1/members/{id}/promote", key);
        var wouldGo = await node.SendAsync("DELETE", $"/v1/members/{id}?dryRun=true");
        var isThere = await node.SendAsync("GET", $"/v1/members/{id}");
        var removed = await node.SendAsync("DELETE", $"/v1/members/{id}");

        Assert.Equal((409, "learner-not-ready"), (judged.Status, judged.Code));
        Assert.Equal((promoted.Status, promoted.Code), (judged.Status, judged.Code));
        Assert.Equal((200, 200, 200), (wouldGo.Status, isThere.Status, removed.Status));
        Assert.Equal(QuorumOf(removed), QuorumOf(wouldGo));
    }

    [Theory]
    [InlineData("POST", "/v1/members", """{"name":"a b","peerUrls":["http://h:1"]}""", 400, "invalid-name")]
    [InlineData("POST", "/v1/members", """{"peerUrls":["http://h:1"]}""", 400, "invalid-name")]
    [InlineData("POST", "/v1/members", """{"name":"x"}""", 400, "invalid-peer-url")]
    [InlineData("POST", "/v1/members", """{"name":"x","peerUrls":[]}""", 400, "invalid-peer-url")]
    [InlineData("POST", "/v1/members", """{"name":"x","peerUrls":["ftp://h:1"]}""", 400, "invalid-peer-url")]
    [InlineData("POST", "/v1/members", """{"name":"x","peerUrls":["http://h:1/path"]}""", 400, "invalid-peer-url")]
    [InlineData("POST", "/v1/members", """{"name":"x","peerUrls":["http://u:p@h:1"]}""", 400, "invalid-peer-url")]
    [InlineData("POST", "/v1/members", """{"name":"x","peerUrls":[7]}""", 400, "invalid-type")]
    [InlineData("PATCH", "/v1/members/nobody", """{"peerUrls":["http://h:1"]}""", 404, "member-not-found")]
    [InlineData("POST", "/v1/members/nobody/replace", "{}", 404, "member-not-found")]
    [InlineData("POST", "/v1/members/nobody/promote", "", 404, "member-not-found")]
    [InlineData("DELETE", "/v1/members/nobody", "", 404, "member-not-found")]
    [InlineData("GET", "/v1/operations/nobody", "", 404, "operation-not-found")]
    [InlineData("DELETE", "/v1/members/default", "", 409, "quorum-at-risk")]
    public async Task What_makes_no_sense_is_refused(string method, string target, string body, int status, string code)
    {
        await AnnouncedAsync();
        var answer = await node.SendAsync(method, target, "", body);

        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    private static (int Before, int After) QuorumOf(RawResponse answer)
    {
        var quorum = answer.Json.GetProperty("quorum");
        return (quorum.GetProperty("before").GetInt32(), quorum.GetProperty("after").GetInt32());
    }

    /// <summary>The leader enters itself soon after its election, and says where it serves.</summary>
    private Task AnnouncedAsync() => Eventually.TrueAsync(
        async () => (await node.SendAsync("GET", "/v1/members/default")) is { Status: 200 } self
            && self.Json.GetProperty("clientUrls").GetArrayLength() > 0,
        "the member is listed");
}

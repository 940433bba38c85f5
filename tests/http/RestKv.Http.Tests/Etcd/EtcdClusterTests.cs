using RestKv.Http.Tests.Support;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd;

/// <summary>Members as etcd's clients see and change them, on a member that stays alone.</summary>
public sealed class EtcdClusterTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string BadUrls = "etcdserver: given member URLs are invalid";
    private const string NotFound = "etcdserver: member not found";

    [Fact]
    public async Task The_list_has_names_and_addresses_and_no_revision()
    {
        var list = await node.DoAsync("cluster/member/list", """{"linearizable":true}""");

        Assert.False(list.GetProperty("header").TryGetProperty("revision", out _));
        var self = list.GetProperty("members").EnumerateArray().Single(member => member.TryGetProperty("name", out _));
        Assert.Equal(list.GetProperty("header").GetProperty("member_id").GetString(), self.GetProperty("ID").GetString());
        Assert.NotEqual(0, self.GetProperty("peerURLs").GetArrayLength());
        Assert.NotEqual(0, self.GetProperty("clientURLs").GetArrayLength());
        Assert.False(self.TryGetProperty("isLearner", out _));
    }

    [Fact]
    public async Task A_learner_that_never_starts_is_added_moved_and_removed()
    {
        var added = await node.DoAsync("cluster/member/add", """{"peerURLs":["http://127.0.0.1:25999"],"isLearner":true}""");
        var id = added.GetProperty("member").GetProperty("ID").GetString();
        Assert.Equal($$"""{"ID":"{{id}}","peerURLs":["http://127.0.0.1:25999"],"isLearner":true}""", added.GetProperty("member").GetRawText());
        Assert.Equal(2, added.GetProperty("members").GetArrayLength());

        await node.RefusesAsync(
            "cluster/member/add", """{"peerURLs":["http://127.0.0.1:25998"],"isLearner":true}""", 400, 9,
            "etcdserver: too many learner members in cluster");
        await node.RefusesAsync(
            "cluster/member/add", """{"peerURLs":["http://127.0.0.1:25999"]}""", 400, 9, "etcdserver: Peer URLs already exists");
        await node.RefusesAsync(
            "cluster/member/promote", $$"""{"ID":"{{id}}"}""", 400, 9,
            "etcdserver: can only promote a learner member which is in sync with leader");
        var updated = await node.DoAsync(
            "cluster/member/update", $$"""{"ID":"{{id}}","peerURLs":["http://127.0.0.1:25997"]}""");
        var moved = updated.GetProperty("members").EnumerateArray().Single(member => member.GetProperty("ID").GetString() == id);
        Assert.Equal("http://127.0.0.1:25997", moved.GetProperty("peerURLs")[0].GetString());
        Assert.True(moved.GetProperty("isLearner").GetBoolean());

        var removed = await node.DoAsync("cluster/member/remove", $$"""{"ID":"{{id}}"}""");
        Assert.Equal(1, removed.GetProperty("members").GetArrayLength());
        await node.RefusesAsync("cluster/member/remove", $$"""{"ID":"{{id}}"}""", 404, 5, NotFound);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"peerURLs":["127.0.0.1:1"]}""")]
    [InlineData("""{"peerURLs":["ftp://127.0.0.1:1"]}""")]
    [InlineData("""{"peerURLs":["http://127.0.0.1"]}""")]
    [InlineData("""{"peerURLs":["http://127.0.0.1:1/path"]}""")]
    [InlineData("""{"peerURLs":["http://127.0.0.1:1/"]}""")]
    [InlineData("""{"peerURLs":["http://127.0.0.1:70000"]}""")]
    [InlineData("""{"peerURLs":["http://127.0.0.1:1","%zz"]}""")]
    public async Task Impossible_addresses(string json)
    {
        await node.RefusesAsync("cluster/member/add", json, 400, 3, BadUrls);
        await node.RefusesAsync("cluster/member/update", json, 400, 3, BadUrls);
    }

    [Fact]
    public async Task Members_that_there_are_not_and_the_last_one()
    {
        // A member enters the list in the first moments of its life.
        var status = node.Node.Status;
        await Eventually.TrueAsync(() => node.Node.Status.Members.Find(status.MemberId) is not null, "it is in the list");
        var self = (ulong)status.MemberId.Value;

        await node.RefusesAsync("cluster/member/promote", """{"ID":"42"}""", 404, 5, NotFound);
        await node.RefusesAsync("cluster/member/remove", """{"ID":"42"}""", 404, 5, NotFound);
        await node.RefusesAsync(
            "cluster/member/update", """{"ID":"42","peerURLs":["http://127.0.0.1:1"]}""", 404, 5, NotFound);
        await node.RefusesAsync(
            "cluster/member/promote", $$"""{"ID":"{{self}}"}""", 400, 9, "etcdserver: can only promote a learner member");
        await node.RefusesAsync(
            "cluster/member/remove", $$"""{"ID":"{{self}}"}""", 400, 9,
            "etcdserver: re-configuration failed due to not enough started members");
    }
}

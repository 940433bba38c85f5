using RestKv.Http.Tests.Support;
using static RestKv.Http.Tests.Etcd.EtcdRequests;

namespace RestKv.Http.Tests.Etcd;

/// <summary>Leases with etcd's meaning.</summary>
public sealed class EtcdLeaseTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string NotFound = "etcdserver: requested lease not found";

    [Fact]
    public async Task Ids_are_chosen_or_given()
    {
        var chosen = await node.DoAsync("lease/grant", """{"TTL":600}""");
        var given = await node.DoAsync("lease/grant", """{"ID":"-77","TTL":"600"}""");

        Assert.True(chosen.Number("ID") > 0);
        Assert.Equal("""{"ID":"-77","TTL":"600"}""", given.Body());
        await node.RefusesAsync("lease/grant", """{"ID":"-77","TTL":"600"}""", 400, 9, "etcdserver: lease already exists");
        await node.RefusesAsync("lease/grant", """{"TTL":"9000000001"}""", 400, 11, "etcdserver: too large lease TTL");
        await node.DoAsync("lease/grant", """{"TTL":"9000000000"}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","TTL":"-5" """)]
    [InlineData(""","TTL":1""")]
    public async Task The_shortest_lease_has_two_seconds(string ttl)
    {
        var granted = await node.DoAsync("lease/grant", $$"""{"ID":"12345"{{ttl}}}""");
        await node.CallAsync("lease/revoke", """{"ID":"12345"}""");

        Assert.Equal("""{"ID":"12345","TTL":"2"}""", granted.Body());
    }

    [Theory]
    [InlineData("lease/")]
    [InlineData("kv/lease/")]
    public async Task A_revoke_takes_the_keys_along(string path)
    {
        await node.DoAsync("lease/grant", """{"ID":"91","TTL":"600"}""");
        await node.DoAsync("kv/put", $$"""{"key":"{{B("leased/b")}}","lease":"91"}""");
        var last = (await node.DoAsync("kv/put", $$"""{"key":"{{B("leased/a")}}","lease":"91"}""")).Revision();

        var before = await node.DoAsync($"{path}timetolive", """{"ID":"91","keys":true}""");
        var revoked = await node.DoAsync($"{path}revoke", """{"ID":"91"}""");
        var after = await node.DoAsync($"{path}timetolive", """{"ID":"91","keys":true}""");
        var left = await node.DoAsync("kv/range", $$"""{"key":"{{B("leased/")}}","range_end":"{{B("leased0")}}"}""");

        Assert.InRange(before.Number("TTL"), 590, 600);
        Assert.Equal("600", before.GetProperty("grantedTTL").GetString());
        Assert.Equal([B("leased/a"), B("leased/b")], before.GetProperty("keys").EnumerateArray().Select(key => key.GetString()));
        Assert.Equal((last + 1, "{}"), (revoked.Revision(), revoked.Body()));
        Assert.Equal("""{"ID":"91","TTL":"-1"}""", after.Body());
        Assert.Equal("{}", left.Body());
        await node.RefusesAsync($"{path}revoke", """{"ID":"91"}""", 404, 5, NotFound);
        await node.RefusesAsync($"{path}revoke", "{}", 404, 5, NotFound);
    }

    [Fact]
    public async Task The_list_begins_with_those_that_end_first()
    {
        await node.DoAsync("lease/grant", """{"ID":"1003","TTL":"3000"}""");
        await node.DoAsync("lease/grant", """{"ID":"1001","TTL":"1000"}""");
        await node.DoAsync("lease/grant", """{"ID":"1002","TTL":"2000"}""");

        var list = await node.DoAsync("lease/leases", "{}");

        var ids = list.GetProperty("leases").EnumerateArray().Select(lease => lease.Number("ID")).Where(id => id is >= 1001 and <= 1003);
        Assert.Equal([1001, 1002, 1003], ids);
    }

    [Fact]
    public async Task Users_do_not_exist_yet()
    {
        Assert.Equal("""{"authRevision":"1"}""", (await node.DoAsync("auth/status", "{}")).Body());
        await node.RefusesAsync(
            "auth/authenticate", """{"name":"root","password":"x"}""", 400, 9, "etcdserver: authentication is not enabled");
    }
}

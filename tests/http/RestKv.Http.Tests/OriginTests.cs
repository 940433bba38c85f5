using RestKv.Api.Hosting;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

/// <summary>What the operator allows beyond the defaults: other host names and listed origins.</summary>
public sealed class OriginTests(OriginTests.AllowingNode node) : IClassFixture<OriginTests.AllowingNode>
{
    private const string Origin = "https://app.example";

    [Fact]
    public async Task Listed_hosts_are_ours()
    {
        Assert.Equal(200, (await node.SendAsync("GET", "/livez", "Host: kv.example:99")).Status);
        Assert.Equal(200, (await node.SendAsync("GET", "/livez", "Host: advertised.example")).Status);
        Assert.Equal(421, (await node.SendAsync("GET", "/livez", "Host: x.kv.example")).Status);
    }

    [Fact]
    public async Task Listed_origins_may_write_and_read_the_answers()
    {
        var put = await node.SendAsync("PUT", "/v1/kv/cors", $"Origin: {Origin}\r\nSec-Fetch-Site: cross-site", "x");
        var get = await node.SendAsync("GET", "/v1/kv/cors", $"Origin: {Origin}");
        var failed = await node.SendAsync("GET", "/v1/kv/none", $"Origin: {Origin}");

        Assert.Equal(201, put.Status);
        Assert.Equal(Origin, put.Header("Access-Control-Allow-Origin"));
        Assert.Equal(Origin, get.Header("Access-Control-Allow-Origin"));
        Assert.Contains("ETag", get.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
        Assert.Contains("Origin", get.Header("Vary"), StringComparison.Ordinal);
        Assert.Equal(Origin, failed.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Preflights_of_listed_origins_are_answered_on_every_route()
    {
        foreach (var target in (string[])["/v1/kv/a", "/v1/txn", "/v1/leases", "/v1/nothing"])
        {
            var preflight = await node.SendAsync(
                "OPTIONS", target,
                $"Origin: {Origin}\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Private-Network: true");

            Assert.Equal(204, preflight.Status);
            Assert.Equal(Origin, preflight.Header("Access-Control-Allow-Origin"));
            Assert.Contains("DELETE", preflight.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
            Assert.Contains("Idempotency-Key", preflight.Header("Access-Control-Allow-Headers"), StringComparison.Ordinal);
            Assert.Equal("true", preflight.Header("Access-Control-Allow-Private-Network"));
        }
    }

    [Fact]
    public async Task Other_origins_get_nothing()
    {
        foreach (var origin in (string[])["https://evil.example", "https://app.example.evil", "http://app.example", "null", "*"])
        {
            var put = await node.SendAsync("PUT", "/v1/kv/cors", $"Origin: {origin}", "x");
            var preflight = await node.SendAsync("OPTIONS", "/v1/kv/a", $"Origin: {origin}\r\nAccess-Control-Request-Method: PUT");

            Assert.Equal((403, "origin-not-allowed"), (put.Status, put.Code));
            Assert.Equal((403, "origin-not-allowed"), (preflight.Status, preflight.Code));
            Assert.Null(put.Header("Access-Control-Allow-Origin"));
            Assert.Null(preflight.Header("Access-Control-Allow-Origin"));
        }
    }

    public sealed class AllowingNode : NodeFixture
    {
        protected override NodeOptions Configure(NodeOptions options) => options with
        {
            HostWhitelist = ["kv.example"],
            AdvertiseClientUrls = [new Uri("http://advertised.example:2379")],
            CorsOrigins = [Origin, "null", "*"],
        };
    }
}

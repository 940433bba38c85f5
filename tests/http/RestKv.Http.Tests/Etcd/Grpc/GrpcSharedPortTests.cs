using System.Net;
using RestKv.Api.Etcd.Messages;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>One clear-text port of a real member: gRPC, HTTP/1.1 and other HTTP/2 side by side.</summary>
public sealed class GrpcSharedPortTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Grpc_and_http_are_served_on_one_port()
    {
        using var client = new GrpcTestClient(node.Client.BaseAddress!);
        for (var i = 0; i < 3; i++)
        {
            var health = await client.SendAsync("/grpc.health.v1.Health/Check", GrpcTestClient.Frame(new HealthCheckRequest()));
            Assert.Equal(0, health.Code);
            Assert.Equal(
                HealthCheckResponse.Types.ServingStatus.Serving,
                HealthCheckResponse.Parser.ParseFrom(Assert.Single(health.Messages)).Status);

            Assert.Equal(HttpStatusCode.OK, (await node.Client.GetAsync("/readyz")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await client.Http.GetAsync("/readyz")).StatusCode);
        }
    }

    [Theory]
    [InlineData("application/json", "", 415)]
    [InlineData("application/grpc-web", "", 415)]
    public async Task A_method_asked_in_another_way_says_what_it_wants(string type, string body, int status)
    {
        using var client = new GrpcTestClient(node.Client.BaseAddress!);
        using var content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var response = await client.Http.PostAsync("/etcdserverpb.KV/Range", content);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains("application/grpc", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_1_1_is_told_that_grpc_needs_http_2()
    {
        var response = await node.SendAsync("POST", "/etcdserverpb.KV/Range", "Content-Type: application/grpc\r\n", GrpcTestClient.Frame([]));

        Assert.Equal(415, response.Status);
        Assert.Contains("HTTP/2", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_call_is_counted_by_its_own_status()
    {
        using var client = new GrpcTestClient(node.Client.BaseAddress!);

        var answer = await client.SendAsync("/etcdserverpb.KV/Put", GrpcTestClient.Frame(new PutRequest()));

        Assert.Equal((3, "etcdserver: key is not provided"), (answer.Code, answer.Text));
        var metrics = await node.Client.GetStringAsync("/metrics");
        Assert.Contains("route=\"/etcdserverpb.KV/Put\"", metrics, StringComparison.Ordinal);
        Assert.Contains(
            "restkv_grpc_calls_total{method=\"/etcdserverpb.KV/Put\",code=\"InvalidArgument\"} 1", metrics, StringComparison.Ordinal);
    }
}

using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Messages;
using RestKv.Http.Tests.Support;
using Serving = RestKv.Api.Etcd.Messages.HealthCheckResponse.Types.ServingStatus;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>gRPC's health service on a real member.</summary>
public sealed class GrpcHealthTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Theory]
    [InlineData("")]
    [InlineData("etcdserverpb.KV")]
    [InlineData("grpc.health.v1.Health")]
    public async Task A_member_that_serves_says_so_for_each_service(string service)
    {
        using var client = new GrpcTestClient(node.Client.BaseAddress!);

        var answer = await client.SendAsync(
            "/grpc.health.v1.Health/Check", GrpcTestClient.Frame(new HealthCheckRequest { Service = service }));

        Assert.Equal(Serving.Serving, HealthCheckResponse.Parser.ParseFrom(Assert.Single(answer.Messages)).Status);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_not_found_or_unknown_to_who_watches()
    {
        using var client = new GrpcTestClient(node.Client.BaseAddress!);
        var request = GrpcTestClient.Frame(new HealthCheckRequest { Service = "etcdserverpb.Kv" });

        var answer = await client.SendAsync("/grpc.health.v1.Health/Check", request);

        Assert.Equal(((int)GrpcCode.NotFound, "unknown service"), (answer.Code, answer.Text));
        await using var watch = client.OpenPath("/grpc.health.v1.Health/Watch");
        await watch.SendRawAsync(request);
        watch.Finish();
        Assert.Equal(
            Serving.ServiceUnknown, HealthCheckResponse.Parser.ParseFrom(await watch.NextBytesAsync()).Status);
    }

    [Fact]
    public async Task A_watch_begins_with_how_it_is_and_ends_when_the_member_leaves()
    {
        var own = new NodeFixture();
        await own.InitializeAsync();
        using var client = new GrpcTestClient(own.Client.BaseAddress!);
        await using var watch = client.OpenPath("/grpc.health.v1.Health/Watch");
        await watch.SendRawAsync(GrpcTestClient.Frame(new HealthCheckRequest()));
        watch.Finish();
        Assert.Equal(Serving.Serving, HealthCheckResponse.Parser.ParseFrom(await watch.NextBytesAsync()).Status);

        await own.DisposeAsync();

        Assert.Equal((int)GrpcCode.Unavailable, (await watch.EndAsync()).Code);
    }
}

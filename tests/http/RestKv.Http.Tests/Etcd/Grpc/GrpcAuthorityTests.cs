using System.Net;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>What clients put into `:authority`: an address, any name they know us by, or a list of addresses.</summary>
public sealed class GrpcAuthorityTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Theory]
    [InlineData("127.0.0.1:2379")]
    [InlineData("localhost:2379")]
    [InlineData("[::1]:2379")]
    [InlineData("etcd-0.etcd.default.svc:2379")]
    [InlineData("#initially=[http://127.0.0.1:2379]")]
    [InlineData("#initially=[127.0.0.1:2379;127.0.0.2:2379]")]
    [InlineData("#initially=[https://[::1]:2379]")]
    public async Task A_program_may_know_us_by_any_name(string authority)
    {
        using var client = new GrpcTestClient(node.Client.BaseAddress!);

        var answer = await client.SendAsync("/grpc.health.v1.Health/Check", GrpcTestClient.Frame([]), ("Host", authority));

        Assert.Equal(0, answer.Code);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("#initially=[http://evil.example:2379]")]
    public async Task Anything_else_over_http_2_still_needs_a_name_of_ours(string authority)
    {
        using var client = new GrpcTestClient(node.Client.BaseAddress!);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/kv") { Version = HttpVersion.Version20 };
        request.Headers.TryAddWithoutValidation("Host", authority);

        using var response = await client.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("#initially=[]")]
    [InlineData("#initially=")]
    [InlineData("#else")]
    [InlineData("a b")]
    public async Task What_is_no_authority_is_refused(string authority)
    {
        using var client = new GrpcTestClient(node.Client.BaseAddress!);

        await Assert.ThrowsAsync<HttpRequestException>(() =>
            client.SendAsync("/grpc.health.v1.Health/Check", GrpcTestClient.Frame([]), ("Host", authority)));
    }
}

using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>What clients put into `:authority`: an address, any name they know us by, a URL, or a list of addresses.</summary>
public sealed class GrpcAuthorityTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string Check = "/grpc.health.v1.Health/Check";

    [Theory]
    [InlineData("127.0.0.1:2379")]
    [InlineData("localhost:2379")]
    [InlineData("[::1]:2379")]
    [InlineData("etcd-0.etcd.default.svc:2379")]
    [InlineData("http://127.0.0.1:2379")]
    [InlineData("https://[::1]:2379")]
    [InlineData("http://etcd-0.etcd.default.svc:2379")]
    [InlineData("#initially=[http://127.0.0.1:2379]")]
    [InlineData("#initially=[127.0.0.1:2379;127.0.0.2:2379]")]
    [InlineData("#initially=[https://[::1]:2379]")]
    public async Task A_program_may_know_us_by_any_name(string authority)
    {
        await using var connection = await RawHttp2.OpenAsync(node.Port);
        await connection.BeginAsync(1, "POST", Check, authority);
        await connection.SendAsync(RawHttp2.Data, RawHttp2.EndStream, 1, GrpcTestClient.Frame([]));

        Assert.Equal(RawHttp2.Headers, (await connection.NextAsync())!.Type);
        Assert.Equal(RawHttp2.Data, (await connection.NextAsync())!.Type);
        var end = await connection.NextAsync();
        Assert.Contains("grpc-status", end!.Text, StringComparison.Ordinal);
        Assert.True(end.EndsStream);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("http://evil.example")]
    [InlineData("#initially=[http://evil.example:2379]")]
    public async Task Anything_else_still_needs_a_name_of_ours(string authority)
    {
        await using var connection = await RawHttp2.OpenAsync(node.Port);
        await connection.BeginAsync(1, "GET", "/v1/kv", authority, ends: true);

        Assert.Contains("421", (await connection.NextAsync())!.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#initially=[]")]
    [InlineData("#initially=")]
    [InlineData("#initially=[a b]")]
    [InlineData("#else")]
    [InlineData("http://")]
    [InlineData("http://http://127.0.0.1:2379")]
    [InlineData("ftp://127.0.0.1:2379")]
    [InlineData("a b")]
    public async Task What_is_no_authority_is_refused(string authority)
    {
        await using var connection = await RawHttp2.OpenAsync(node.Port);
        await connection.BeginAsync(1, "POST", Check, authority);
        await connection.SendAsync(RawHttp2.Data, RawHttp2.EndStream, 1, GrpcTestClient.Frame([]));

        Assert.Equal(RawHttp2.Reset, (await connection.NextAsync())!.Type);
    }
}

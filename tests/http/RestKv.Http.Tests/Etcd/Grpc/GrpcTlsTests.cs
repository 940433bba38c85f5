using System.Net;
using System.Security.Cryptography.X509Certificates;
using RestKv.Api.Hosting;
using RestKv.Http.Tests.Tls;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>Calls over TLS, where ALPN says that it is HTTP/2, and who the certificate says that calls.</summary>
public sealed class GrpcTlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task The_common_name_of_a_certificate_is_that_of_the_caller()
    {
        await using var server = await StartAsync();
        using var certificate = _certificates.Client("alice");

        Assert.Equal("alice", await AskAsync(server, certificate));
        Assert.Equal("alice", await AskAsync(server, certificate));
    }

    [Fact]
    public async Task A_caller_without_a_certificate_has_no_name()
    {
        await using var server = await StartAsync();

        Assert.Equal("(none)", await AskAsync(server, null));
    }

    [Fact]
    public async Task In_clear_text_nobody_has_a_name_but_an_address()
    {
        await using var server = await GrpcTestServer.StartAsync(
            [GrpcTestServer.Unary("Who", (_, call) => new ValueTask<string>(call.CertificateName ?? call.RemoteAddress))]);
        using var client = server.Connect();

        Assert.StartsWith("127.0.0.1", (await client.CallAsync("Who", "")).Value, StringComparison.Ordinal);
    }

    private Task<GrpcTestServer> StartAsync()
    {
        var (certificate, key) = _certificates.WriteServer("server");
        return GrpcTestServer.StartAsync(
            [GrpcTestServer.Unary("Who", (_, call) => new ValueTask<string>(call.CertificateName ?? "(none)"))],
            given: new NodeOptions { CertFile = certificate, KeyFile = key, TrustedCaFile = _certificates.CaFile });
    }

    private async Task<string> AskAsync(GrpcTestServer server, X509Certificate2? certificate)
    {
        using var client = new GrpcTestClient(_certificates.NewClient(server.Address.Port, certificate, HttpVersion.Version20));
        return (await client.CallAsync("Who", "")).Value;
    }
}

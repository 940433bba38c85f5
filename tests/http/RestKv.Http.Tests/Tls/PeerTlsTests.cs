using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using RestKv.Api.Hosting;
using RestKv.Api.Security;
using RestKv.Testing;

namespace RestKv.Http.Tests.Tls;

/// <summary>Members among themselves: both show certificates of one authority, and the one that is called has the name it was called by.</summary>
public sealed class PeerTlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task Members_of_one_authority_talk_over_http_2()
    {
        await using var server = await ServeAsync(Policy("n1"));
        using var client = Client(Policy("n2"));

        using var answer = await client.GetAsync(AddressOf(server, "127.0.0.1"));

        Assert.Equal("n2 over HTTP/2", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_stranger_is_refused_by_both_sides_and_the_caller_is_told_why()
    {
        await using var server = await ServeAsync(Policy("n1"));
        var stranger = Policy("mallory", _certificates.OtherAuthority, _certificates.OtherCaFile);

        var refused = await FailAsync(stranger, AddressOf(server, "127.0.0.1"));

        Assert.Contains("\"CN=n1, O=RestKv\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains("issued by \"CN=Test CA, O=RestKv\", was not signed by a trusted authority", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, stranger.Peers!.Refused);
    }

    [Fact]
    public async Task A_caller_of_another_authority_is_refused_by_the_one_that_is_called()
    {
        var called = Policy("n1");
        await using var server = await ServeAsync(called);
        var both = _certificates.Write("both.crt", _certificates.Authority.Certificate + "\n" + _certificates.OtherAuthority.Certificate + "\n");
        using var client = Client(Policy("mallory", _certificates.OtherAuthority, both));

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(AddressOf(server, "127.0.0.1")));

        AssertRefused(called);
    }

    [Fact]
    public async Task A_caller_without_a_certificate_is_refused()
    {
        var called = Policy("n1");
        await using var server = await ServeAsync(called);
        using var client = _certificates.NewClient(new Uri(server.Urls.First()).Port, version: HttpVersion.Version20);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/"));

        AssertRefused(called);
    }

    [Fact]
    public async Task A_member_that_answers_under_another_name_is_refused()
    {
        await using var server = await ServeAsync(Policy("n1", hosts: ["n1.example"]));

        var refused = await FailAsync(Policy("n2"), AddressOf(server, "127.0.0.1"));

        Assert.EndsWith("is for n1.example, not for 127.0.0.1", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _certificates.Dispose();

    private TlsPolicy Policy(
        string name, CertificatePem? authority = null, string? caFile = null, string[]? hosts = null)
    {
        var (certificate, key) = _certificates.WriteServer(name, hosts, authority);
        var options = new NodeOptions
        {
            PeerCertFile = certificate,
            PeerKeyFile = key,
            PeerTrustedCaFile = caFile ?? _certificates.CaFile,
            InitialAdvertisePeerUrls = [new Uri($"https://{(hosts is null ? "127.0.0.1" : hosts[0])}:2380")],
        };
        return new TlsPolicy(options, TimeProvider.System, NullLogger<TlsPolicy>.Instance);
    }

    private static async Task<WebApplication> ServeAsync(TlsPolicy policy)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, policy.SecurePeers));
        var app = builder.Build();
        app.MapGet("/", (HttpContext context, CancellationToken _) =>
            $"{context.Connection.ClientCertificate!.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, false)}"
                + $" over {context.Request.Protocol}");
        await app.StartAsync();
        return app;
    }

    private static HttpClient Client(TlsPolicy policy)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        policy.SecurePeers(handler);
        return new HttpClient(handler)
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Eventually.Deadline,
        };
    }

    private static async Task<AuthenticationException> FailAsync(TlsPolicy policy, Uri address)
    {
        using var client = Client(policy);
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(address));
        return Assert.IsType<AuthenticationException>(failure.InnerException);
    }

    /// <summary>At least once: whether the client of the framework tries again depends on how early the refusal reaches it.</summary>
    private static void AssertRefused(TlsPolicy called) => Assert.InRange(called.Peers!.Refused, 1, 10);

    private static Uri AddressOf(WebApplication server, string host) => new($"https://{host}:{new Uri(server.Urls.First()).Port}/");
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using RestKv.Http.Tests.Watch;
using RestKv.Testing;

namespace RestKv.Http.Tests.Tls;

/// <summary>Clients over TLS: versions, protocols, certificates of theirs, and renewal under way. Real sockets throughout.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Both_versions_of_http_are_served(string version)
    {
        await using var node = await StartAsync();
        using var client = _certificates.NewClient(node.Port, version: Version.Parse(version));

        using var put = await client.PutAsync("/v1/kv/secret", new StringContent("kept"));
        using var get = await client.GetAsync("/v1/kv/secret");

        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal(("kept", Version.Parse(version)), (await get.Content.ReadAsStringAsync(), get.Version));
        Assert.StartsWith("https://", node.Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
    [InlineData((SslProtocols)768, false)] // TLS 1.1
    [InlineData((SslProtocols)192, false)] // TLS 1.0
    public async Task Old_versions_of_tls_are_refused(SslProtocols version, bool isServed)
    {
        await using var node = await StartAsync();

        var failure = await Record.ExceptionAsync(async () =>
        {
            await using var stream = await ShakeHandsAsync(node.Port, version);
            Assert.Equal(version, stream.SslProtocol);
        });

        Assert.Equal(isServed, failure is null);
    }

    [Fact]
    public async Task The_newest_version_is_what_clients_get()
    {
        await using var node = await StartAsync();

        await using var stream = await ShakeHandsAsync(node.Port, SslProtocols.None);

        Assert.Equal(SslProtocols.Tls13, stream.SslProtocol);
        Assert.Equal(SslApplicationProtocol.Http2, stream.NegotiatedApplicationProtocol);
    }

    [Fact]
    public async Task Clear_text_is_not_answered_on_a_tls_port()
    {
        await using var node = await StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, node.Port);

        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /v1/kv/a HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        var answer = new MemoryStream();
        await Record.ExceptionAsync(() => socket.GetStream().CopyToAsync(answer));

        Assert.DoesNotContain("HTTP/1.1 200", Encoding.Latin1.GetString(answer.ToArray()), StringComparison.Ordinal);
        Assert.DoesNotContain("key-not-found", Encoding.Latin1.GetString(answer.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_clients_with_a_good_certificate_are_served_when_one_is_required()
    {
        await using var node = await StartAsync(_certificates.CaFile, isRequired: true);

        Assert.True(await IsServedAsync(node, _certificates.Client("ann")));
        Assert.False(await IsServedAsync(node, null));
        Assert.False(await IsServedAsync(node, _certificates.Client("mallory", _certificates.OtherAuthority)));
        Assert.False(await IsServedAsync(node, _certificates.Client("old", fromDay: -400, days: 300)));
        Assert.False(await IsServedAsync(node, _certificates.Client("early", fromDay: 100)));
        using var client = _certificates.NewClient(node.Port, _certificates.Client("ann"));
        var metrics = await client.GetStringAsync("/metrics");
        var refused = metrics.Split('\n').Single(line => line.StartsWith("restkv_tls_certificates_refused_total{", StringComparison.Ordinal));

        // The client of the framework tries a connection more than once.
        Assert.StartsWith("restkv_tls_certificates_refused_total{listener=\"client\"} ", refused, StringComparison.Ordinal);
        Assert.InRange(int.Parse(refused.Split(' ')[1], null), 4, 40);
    }

    [Fact]
    public async Task Where_certificates_are_optional_a_bad_one_is_still_refused()
    {
        await using var node = await StartAsync(_certificates.CaFile, isRequired: false);

        Assert.True(await IsServedAsync(node, null));
        Assert.True(await IsServedAsync(node, _certificates.Client("ann")));
        Assert.False(await IsServedAsync(node, _certificates.Client("mallory", _certificates.OtherAuthority)));
    }

    [Fact]
    public async Task A_renewed_certificate_counts_for_new_connections_and_drops_no_stream()
    {
        await using var node = await StartAsync();
        using var client = _certificates.NewClient(node.Port);
        await using var watch = await EventStream.OpenAsync(client, "/v1/watch?prefix=");
        await watch.NextAsync("open");
        var first = await ShownAsync(node.Port);

        _certificates.WriteServer("node");
        await Eventually.TrueAsync(async () => await ShownAsync(node.Port) != first, "the renewed certificate to be shown");

        using var put = await client.PutAsync("/v1/kv/still", new StringContent("here"));
        Assert.Equal("still", (await watch.NextAsync("put")).Key);
    }

    [Fact]
    public async Task A_renewal_that_cannot_be_used_changes_nothing_and_shows()
    {
        await using var node = await StartAsync();
        using var client = _certificates.NewClient(node.Port);
        var first = await ShownAsync(node.Port);

        _certificates.Write("node.crt", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
        await Eventually.TrueAsync(() => HasFailedReloadAsync(client, 1), "the failed renewal to show");
        Assert.Equal(first, await ShownAsync(node.Port));

        _certificates.WriteServer("node");
        await Eventually.TrueAsync(() => HasFailedReloadAsync(client, 0), "the mended renewal to show");
        Assert.NotEqual(first, await ShownAsync(node.Port));
    }

    public void Dispose() => _certificates.Dispose();

    private static async Task<bool> HasFailedReloadAsync(HttpClient client, int value) =>
        (await client.GetStringAsync("/metrics")).Contains($"restkv_tls_reload_failed{{listener=\"client\"}} {value}\n", StringComparison.Ordinal);

    private Task<TlsNode> StartAsync(string authority = "", bool isRequired = false)
    {
        var (certificate, key) = _certificates.WriteServer("node");
        return TlsNode.StartAsync(options => options with
        {
            CertFile = certificate,
            KeyFile = key,
            TrustedCaFile = authority,
            ClientCertAuth = isRequired,
        });
    }

    private async Task<bool> IsServedAsync(TlsNode node, System.Security.Cryptography.X509Certificates.X509Certificate2? shown)
    {
        using var client = _certificates.NewClient(node.Port, shown);
        try
        {
            using var answer = await client.GetAsync("/livez");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<string> ShownAsync(int port)
    {
        await using var stream = await ShakeHandsAsync(port, SslProtocols.None);
        return stream.RemoteCertificate!.GetSerialNumberString();
    }

    private static async Task<SslStream> ShakeHandsAsync(int port, SslProtocols version)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(socket.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = version,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
        });
        return stream;
    }
}

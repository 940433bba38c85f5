using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RestKv.Api.Security;
using RestKv.Testing;

namespace RestKv.Http.Tests.Tls;

/// <summary>A folder of authorities and certificates, good and bad.</summary>
internal sealed class TestCertificates : IDisposable
{
    public static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static readonly string[] Loopback = ["localhost", "127.0.0.1"];

    private readonly TempFolder _folder = new();

    public TestCertificates()
    {
        Authority = CertificateMaker.Authority("Test CA", TimeSpan.FromDays(3000), Now.AddDays(-1000));
        OtherAuthority = CertificateMaker.Authority("Other CA", TimeSpan.FromDays(3000), Now.AddDays(-1000));
        CaFile = Write("ca.crt", Authority.Certificate);
        OtherCaFile = Write("other.crt", OtherAuthority.Certificate);
    }

    public CertificatePem Authority { get; }

    public CertificatePem OtherAuthority { get; }

    public string CaFile { get; }

    public string OtherCaFile { get; }

    public string PathOf(string name) => _folder.Combine(name);

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    /// <summary>Writes NAME.crt and NAME.key.</summary>
    public (string Certificate, string Key) WriteServer(
        string name, string[]? hosts = null, CertificatePem? by = null, int fromDay = -10, int days = 400) =>
        WritePair(name, CertificateMaker.Issue(by ?? Authority, name, hosts ?? Loopback, TimeSpan.FromDays(days), Now.AddDays(fromDay)));

    public X509Certificate2 Client(string name, CertificatePem? by = null, int fromDay = -10, int days = 400)
    {
        var pem = CertificateMaker.Issue(by ?? Authority, name, [], TimeSpan.FromDays(days), Now.AddDays(fromDay));
        return X509Certificate2.CreateFromPem(pem.Certificate, pem.Key);
    }

    /// <summary>A client that trusts the test's authority and perhaps shows a certificate.</summary>
    public HttpClient NewClient(int port, X509Certificate2? shown = null, Version? version = null)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509Certificate2.CreateFromPem(Authority.Certificate) },
        };
        if (shown is not null)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(shown, null, offline: true);
        }

        return new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://127.0.0.1:{port}"),
            DefaultRequestVersion = version ?? System.Net.HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Eventually.Deadline,
        };
    }

    public void Dispose() => _folder.Dispose();

    private (string Certificate, string Key) WritePair(string name, CertificatePem pem) =>
        (Write(name + ".crt", pem.Certificate), Write(name + ".key", pem.Key));
}

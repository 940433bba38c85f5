using Microsoft.Extensions.Logging.Abstractions;
using RestKv.Api.Hosting;
using RestKv.Api.Security;

namespace RestKv.Http.Tests.Tls;

/// <summary>Certificates that cannot be used end the start with a text that says which file, certificate, name, usage or date.</summary>
public sealed class TlsRefusalTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    [Fact]
    public void A_file_that_is_not_there_or_holds_nothing_is_named()
    {
        var (certificate, key) = _certificates.WriteServer("node");
        var empty = _certificates.Write("empty.crt", "nothing\n");
        var locked = _certificates.Write("locked.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n");

        Assert.Contains("cert-file /no/such.crt: ", Fault(Clients("/no/such.crt", key)), StringComparison.Ordinal);
        Assert.Contains($"key-file {certificate}x: ", Fault(Clients(certificate, certificate + "x")), StringComparison.Ordinal);
        Assert.Contains($"cert-file {empty}: holds no certificate", Fault(Clients(empty, key)), StringComparison.Ordinal);
        Assert.Contains($"key-file {locked}: the key is encrypted", Fault(Clients(certificate, locked)), StringComparison.Ordinal);
        Assert.Contains($"trusted-ca-file {empty}: holds no certificate", Fault(Clients(certificate, key, empty)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused()
    {
        var (certificate, _) = _certificates.WriteServer("node");
        var (_, key) = _certificates.WriteServer("other");

        Assert.Contains($"key-file {key} does not go with cert-file {certificate}", Fault(Clients(certificate, key)), StringComparison.Ordinal);
    }

    [Fact]
    public void Dates_are_named()
    {
        var (old, oldKey) = _certificates.WriteServer("old", fromDay: -400, days: 300);
        var (early, earlyKey) = _certificates.WriteServer("early", fromDay: 100);

        Assert.Matches("cert-file .*old.crt: the certificate \"CN=old, O=RestKv\" .* expired on 20..-..-.. ", Fault(Clients(old, oldKey)));
        Assert.Matches("cert-file .*early.crt: .* is valid only from 20..-..-.. ", Fault(Clients(early, earlyKey)));
    }

    [Fact]
    public void Usage_is_named()
    {
        var pem = CertificateMaker.Issue(_certificates.Authority, "ann", [], TimeSpan.FromDays(10), TestCertificates.Now);
        var (certificate, key) = (_certificates.Write("ann.crt", pem.Certificate), _certificates.Write("ann.key", pem.Key));
        var authority = _certificates.Write("ca.key", _certificates.Authority.Key);

        Assert.Contains("may not stand for a server: its extended key usage is ", Fault(Clients(certificate, key)), StringComparison.Ordinal);
        Assert.Contains("may not sign handshakes", Fault(Clients(_certificates.CaFile, authority)), StringComparison.Ordinal);
        var (node, nodeKey) = _certificates.WriteServer("node");
        Assert.Contains("is no authority's", Fault(Clients(node, nodeKey, node)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_whose_certificate_the_others_would_refuse_does_not_start()
    {
        var (stranger, strangerKey) = _certificates.WriteServer("stranger", by: _certificates.OtherAuthority);
        var (named, namedKey) = _certificates.WriteServer("named", ["n1.example", "10.0.0.1"]);

        Assert.Contains(
            "was not signed by a trusted authority (peer-trusted-ca-file ", Fault(Peers(stranger, strangerKey)), StringComparison.Ordinal);
        Assert.EndsWith(
            "is for n1.example, 10.0.0.1, and initial-advertise-peer-urls says 127.0.0.1", Fault(Peers(named, namedKey)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_clients_may_not_use_is_only_warned_of()
    {
        var (certificate, key) = _certificates.WriteServer("named", ["kv.example"]);

        var policy = new TlsPolicy(Clients(certificate, key), TimeProvider.System, NullLogger<TlsPolicy>.Instance);

        Assert.EndsWith("is for kv.example, and advertise-client-urls says 127.0.0.1", policy.Clients!.Current.Warning, StringComparison.Ordinal);
    }

    public void Dispose() => _certificates.Dispose();

    private static NodeOptions Clients(string certificate, string key, string authority = "") =>
        new() { CertFile = certificate, KeyFile = key, TrustedCaFile = authority };

    private NodeOptions Peers(string certificate, string key) =>
        new() { PeerCertFile = certificate, PeerKeyFile = key, PeerTrustedCaFile = _certificates.CaFile };

    private static string Fault(NodeOptions options) => Assert.Throws<TlsConfigurationException>(
        () => new TlsPolicy(options, TimeProvider.System, NullLogger<TlsPolicy>.Instance)).Message;
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RestKv.Api.Security;

/// <summary>
/// Makes certificates for people who have no authority of their own: ECDSA on P-256, which every client of the last ten years
/// takes. Keys leave as PEM and are not kept.
/// </summary>
internal static class CertificateMaker
{
    /// <summary>Clocks differ: a certificate made now is valid on a machine that is a little behind.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private const int SerialBytes = 16;

    public static CertificatePem Authority(string name, TimeSpan life, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = NewRequest(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now - ClockSkew, now + life);
        return new CertificatePem(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <param name="hosts">Names and addresses of a server; none makes a client's certificate.</param>
    /// <param name="life">Cut at the end of the authority.</param>
    /// <exception cref="CryptographicException">The authority's certificate and key cannot be used.</exception>
    public static CertificatePem Issue(
        CertificatePem authority, string name, IReadOnlyList<string> hosts, TimeSpan life, DateTimeOffset now)
    {
        using var issuer = X509Certificate2.CreateFromPem(authority.Certificate, authority.Key);
        if (CertificateFacts.FindDateFault(issuer, now) is { } date)
        {
            throw new CryptographicException(date);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = NewRequest(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var uses = new OidCollection { CertificateFacts.UsageOf(CertificateUse.Client) };
        if (hosts.Count > 0)
        {
            uses.Add(CertificateFacts.UsageOf(CertificateUse.Server));
            request.CertificateExtensions.Add(Names(hosts));
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(uses, critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            issuer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var from = now - ClockSkew < issuer.NotBefore ? issuer.NotBefore : now - ClockSkew;
        var until = now + life > issuer.NotAfter ? issuer.NotAfter : now + life;
        using var certificate = request.Create(issuer, from, until, Serial());
        return new CertificatePem(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static CertificateRequest NewRequest(string name, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        subject.AddOrganizationName("RestKv");
        return new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
    }

    private static X509Extension Names(IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return names.Build();
    }

    /// <summary>Positive, as it must be, and not to be guessed.</summary>
    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }
}

/// <summary>A certificate and its key, as they stand in files.</summary>
internal sealed record CertificatePem(string Certificate, string Key);

using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RestKv.Api.Security;

/// <summary>
/// One side's certificate, key and trusted authorities, loaded and checked. Immutable. Not disposed: handshakes that began with
/// it may still run when a renewed one takes its place.
/// </summary>
internal sealed class TlsMaterial
{
    private TlsMaterial(
        TlsFileContents contents, X509Certificate2 certificate, X509Certificate2Collection intermediates,
        X509Certificate2Collection? authorities, string? warning)
    {
        Contents = contents;
        Certificate = certificate;
        Authorities = authorities;
        Warning = warning;
        Context = SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
    }

    public TlsFileContents Contents { get; }

    public X509Certificate2 Certificate { get; }

    /// <summary>Certificate, key and intermediates as a handshake wants them.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Null when the other side is not asked for a certificate.</summary>
    public X509Certificate2Collection? Authorities { get; }

    /// <summary>What is usable and yet not as it should be.</summary>
    public string? Warning { get; }

    public DateTimeOffset ExpiresAt => Certificate.NotAfter;

    /// <exception cref="TlsConfigurationException">Says which file, certificate, name, usage or date is wrong.</exception>
    public static TlsMaterial Load(TlsFiles files, TlsFileContents contents, DateTimeOffset now)
    {
        var chain = ReadCertificates(files.CertOption, contents.Certificate);
        var certificate = Join(files, contents);
        var authorities = files.TrustedCaFile.Length == 0 ? null : ReadAuthorities(files, contents, now);
        if (CertificateFacts.FindDateFault(certificate, now) is { } date)
        {
            throw new TlsConfigurationException($"{files.CertOption}: {date}");
        }

        CheckUsage(files, certificate);
        chain.RemoveAt(0);
        if (files.IsForPeers && authorities is not null
            && RemoteCertificate.FindFault(certificate, chain, authorities, CertificateUse.Server, null, now) is { } fault)
        {
            throw new TlsConfigurationException(
                $"{files.CertOption}: {fault} ({files.CaOption}), so the other members would refuse it");
        }

        return new TlsMaterial(contents, certificate, chain, authorities, CheckNames(files, certificate));
    }

    private static X509Certificate2 Join(TlsFiles files, TlsFileContents contents)
    {
        var key = Encoding.UTF8.GetString(contents.Key);
        if (key.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new TlsConfigurationException($"{files.KeyOption}: the key is encrypted, and nobody could be asked for its password");
        }

        try
        {
            return X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(contents.Certificate), key);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw new TlsConfigurationException($"{files.KeyOption} does not go with {files.CertOption}: {failure.Message}");
        }
    }

    private static X509Certificate2Collection ReadCertificates(string option, byte[] pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException failure)
        {
            throw new TlsConfigurationException($"{option}: {failure.Message}");
        }

        return certificates.Count > 0
            ? certificates
            : throw new TlsConfigurationException($"{option}: holds no certificate (\"-----BEGIN CERTIFICATE-----\")");
    }

    private static X509Certificate2Collection ReadAuthorities(TlsFiles files, TlsFileContents contents, DateTimeOffset now)
    {
        var authorities = ReadCertificates(files.CaOption, contents.Authorities);
        string? fault = null;
        foreach (var authority in authorities)
        {
            if (authority.Extensions.OfType<X509BasicConstraintsExtension>().All(constraints => !constraints.CertificateAuthority))
            {
                throw new TlsConfigurationException($"{files.CaOption}: {CertificateFacts.Describe(authority)} is no authority's");
            }

            fault = CertificateFacts.FindDateFault(authority, now);
            if (fault is null)
            {
                return authorities;
            }
        }

        // While an authority is being replaced both stand there; one that is valid is enough.
        throw new TlsConfigurationException($"{files.CaOption}: {fault}");
    }

    private static void CheckUsage(TlsFiles files, X509Certificate2 certificate)
    {
        CertificateUse[] needed = files.IsForPeers ? [CertificateUse.Server, CertificateUse.Client] : [CertificateUse.Server];
        foreach (var use in needed)
        {
            if (CertificateFacts.FindUsageFault(certificate, use) is { } fault)
            {
                throw new TlsConfigurationException(
                    $"{files.CertOption}: {fault}{(files.IsForPeers ? "; members are servers and clients of each other" : "")}");
            }
        }
    }

    /// <summary>
    /// Other members would refuse a name that the certificate does not have, so that ends the start. Of clients it is not known
    /// by which name they come.
    /// </summary>
    private static string? CheckNames(TlsFiles files, X509Certificate2 certificate)
    {
        var missing = files.Names.Where(name => !certificate.MatchesHostname(name, allowWildcards: true, allowCommonName: false)).ToArray();
        if (missing.Length == 0)
        {
            return null;
        }

        var told = files.IsForPeers ? "initial-advertise-peer-urls" : "advertise-client-urls";
        var text = $"{files.CertOption}: {CertificateFacts.Describe(certificate)} is for {CertificateFacts.NamesOf(certificate)}, "
            + $"and {told} says {string.Join(", ", missing)}";
        return files.IsForPeers ? throw new TlsConfigurationException(text) : text;
    }
}

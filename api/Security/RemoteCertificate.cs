using System.Security.Cryptography.X509Certificates;

namespace RestKv.Api.Security;

/// <summary>Judges the certificate of the other side, the same way on every listener and every connection we make.</summary>
internal static class RemoteCertificate
{
    private const X509ChainStatusFlags NotSigned =
        X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid
        | X509ChainStatusFlags.ExplicitDistrust;

    /// <param name="intermediates">What was sent with it.</param>
    /// <param name="host">The name it must have; null when any will do.</param>
    /// <returns>Null when it is trusted; otherwise what is wrong with which certificate.</returns>
    public static string? FindFault(
        X509Certificate2 certificate, X509Certificate2Collection intermediates, X509Certificate2Collection authorities,
        CertificateUse use, string? host, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        policy.ExtraStore.AddRange(intermediates);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = now.LocalDateTime;
        if (!chain.Build(certificate) && Explain(chain, certificate, now) is { } fault)
        {
            return fault;
        }

        if (CertificateFacts.FindUsageFault(certificate, use) is { } usage)
        {
            return usage;
        }

        return host is null || certificate.MatchesHostname(host, allowWildcards: true, allowCommonName: false)
            ? null
            : $"{CertificateFacts.Describe(certificate)} is for {CertificateFacts.NamesOf(certificate)}, not for {host}";
    }

    private static string? Explain(X509Chain chain, X509Certificate2 certificate, DateTimeOffset now)
    {
        var flags = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (sum, status) => sum | status.Status);
        if ((flags & NotSigned) != 0)
        {
            return $"{CertificateFacts.Describe(certificate)}, issued by \"{certificate.Issuer}\", was not signed by a trusted authority";
        }

        foreach (var element in chain.ChainElements)
        {
            if (CertificateFacts.FindDateFault(element.Certificate, now) is { } date)
            {
                return date;
            }
        }

        return flags == X509ChainStatusFlags.NoError
            ? null
            : $"{CertificateFacts.Describe(certificate)}: {string.Join(' ', chain.ChainStatus.Select(status => status.StatusInformation))}";
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RestKv.Api.Security;

/// <summary>What a certificate says of itself, in words that help to find it.</summary>
internal static class CertificateFacts
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    private const string AnyUsage = "2.5.29.37.0";
    private const string CommonName = "2.5.4.3";

    public static Oid UsageOf(CertificateUse use) => new(use == CertificateUse.Server ? ServerUsage : ClientUsage);

    public static string Describe(X509Certificate2 certificate) => $"the certificate \"{certificate.Subject}\" ({certificate.SerialNumber})";

    /// <summary>Null while it is valid.</summary>
    public static string? FindDateFault(X509Certificate2 certificate, DateTimeOffset now) =>
        now < certificate.NotBefore ? $"{Describe(certificate)} is valid only from {Day(certificate.NotBefore)} on, and now it is {Day(now)}"
        : now > certificate.NotAfter ? $"{Describe(certificate)} expired on {Day(certificate.NotAfter)}, and now it is {Day(now)}"
        : null;

    /// <summary>Null when it may be used so. Without a word about its use it may be used for anything.</summary>
    public static string? FindUsageFault(X509Certificate2 certificate, CertificateUse use)
    {
        var wanted = UsageOf(use).Value;
        foreach (var extension in certificate.Extensions)
        {
            if (extension is X509KeyUsageExtension key && !key.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature))
            {
                return $"{Describe(certificate)} may not sign handshakes: its key usage is {key.KeyUsages}, without DigitalSignature";
            }

            if (extension is X509EnhancedKeyUsageExtension uses
                && uses.EnhancedKeyUsages.Cast<Oid>().All(one => one.Value != wanted && one.Value != AnyUsage))
            {
                return $"{Describe(certificate)} may not stand for a {use.ToString().ToLowerInvariant()}: its extended key usage is "
                    + string.Join(", ", uses.EnhancedKeyUsages.Cast<Oid>().Select(one => one.FriendlyName ?? one.Value));
            }
        }

        return null;
    }

    /// <summary>Names and addresses it is for.</summary>
    public static string NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .ToArray();
        return names.Length == 0 ? "no name at all (it has no subject alternative name)" : string.Join(", ", names);
    }

    /// <summary>The common name itself, not what could stand for one; empty when there is none.</summary>
    public static string CommonNameOf(X509Certificate2 certificate) =>
        certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .FirstOrDefault(part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
            ?.GetSingleElementValue() ?? "";

    private static string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

using System.Security.Cryptography.X509Certificates;

namespace RestKv.Api.Security.Auth;

/// <summary>Under which names a client certificate may be somebody: its common name, then the names of its extension.</summary>
internal static class CertificateNames
{
    public static IEnumerable<string> Of(X509Certificate2 certificate)
    {
        // The simple name of a certificate without a common name is another part of it, which is nobody's name.
        if (CertificateFacts.CommonNameOf(certificate) is { Length: > 0 } common)
        {
            yield return common;
        }

        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            foreach (var name in extension.EnumerateDnsNames())
            {
                yield return name;
            }
        }
    }
}

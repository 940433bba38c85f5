using System.Text;

namespace RestKv.Api.Security;

/// <summary>For Kestrel: which header is decoded how.</summary>
internal static class HeaderDecoding
{
    /// <summary>Null is the usual way.</summary>
    public static Encoding? Select(string header) =>
        header.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? DigitsOnly.Instance
        : header == ":authority" ? AuthorityText.Instance
        : null;
}

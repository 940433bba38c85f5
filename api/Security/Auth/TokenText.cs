using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RestKv.Core.Auth;

namespace RestKv.Api.Security.Auth;

/// <summary>
/// Secrets as their holders show them: 256 random bits. A session's ends with the place in the log at which it was opened, as
/// etcd's do, so that a member that lags knows that it must wait; an API token begins with a prefix that scanners look for.
/// </summary>
internal static class TokenText
{
    public const string ApiPrefix = "rkv_";
    public const string TicketPrefix = "rkt_";

    private const int SecretBytes = 32;

    /// <summary>Longer than any of ours.</summary>
    private const int LengthMax = 128;

    public static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Of a session that was opened at a place in the log.</summary>
    public static string OfSession(string secret, long index) => secret + "." + index.ToString(CultureInfo.InvariantCulture);

    public static TokenDigest DigestOf(ReadOnlySpan<char> secret)
    {
        Span<byte> bytes = stackalloc byte[LengthMax * 3];
        Span<byte> hash = stackalloc byte[TokenDigest.Bytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(secret, bytes)], hash);
        return TokenDigest.Of(hash);
    }

    public static bool IsFit(ReadOnlySpan<char> text) => text.Length is > 0 and <= LengthMax;

    /// <summary>The secret of a session's token, and the place in the log; 0 when there is none.</summary>
    public static ReadOnlySpan<char> SecretOf(ReadOnlySpan<char> text, out long index)
    {
        var dot = text.LastIndexOf('.');
        index = 0;
        if (dot < 0 || !long.TryParse(text[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out index))
        {
            index = 0;
            return text;
        }

        return text[..dot];
    }
}

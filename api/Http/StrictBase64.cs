using System.Buffers;
using System.Buffers.Text;

namespace RestKv.Api.Http;

/// <summary>
/// Base64 with one spelling per byte string: no whitespace, no wrong alphabet, no missing or surplus padding, no stray
/// trailing bits. Two spellings of one key would slip past caches and rules written for the other.
/// </summary>
internal static class StrictBase64
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<char> UrlAlphabet = SearchValues.Create(Letters + "-_");
    private static readonly SearchValues<char> StandardAlphabet = SearchValues.Create(Letters + "+/");

    /// <summary>base64url without padding (RFC 4648 section 5).</summary>
    public static bool TryDecodeUrl(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.ContainsAnyExcept(UrlAlphabet) || text.Length % 4 == 1 || HasStrayBits(text, '-', '_'))
        {
            return false;
        }

        bytes = Base64Url.DecodeFromChars(text);
        return true;
    }

    /// <summary>Standard base64 with padding (RFC 4648 section 4).</summary>
    public static bool TryDecodeStandard(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        var padding = text.EndsWith("==") ? 2 : text.EndsWith("=") ? 1 : 0;
        var letters = text[..^padding];
        if (text.Length % 4 != 0 || letters.ContainsAnyExcept(StandardAlphabet) || HasStrayBits(letters, '+', '/'))
        {
            return false;
        }

        bytes = new byte[(text.Length / 4 * 3) - padding];
        return Convert.TryFromBase64Chars(text, bytes, out var written) && written == bytes.Length;
    }

    // The last letter of a group of two or three carries four or two bits that belong to no byte: they must be zero.
    private static bool HasStrayBits(ReadOnlySpan<char> letters, char letter62, char letter63)
    {
        var mask = (letters.Length % 4) switch
        {
            2 => 0b1111,
            3 => 0b11,
            _ => 0,
        };
        if (mask == 0)
        {
            return false;
        }

        var last = letters[^1];
        var value = last == letter62 ? 62 : last == letter63 ? 63 : Letters.IndexOf(last, StringComparison.Ordinal);
        return (value & mask) != 0;
    }
}

using System.Text.Unicode;

namespace RestKv.Api.Http;

/// <summary>Strict percent-decoding of text into the bytes it stands for.</summary>
internal static class PercentText
{
    /// <summary>
    /// Decodes a query value. As everywhere on the web, `+` is a space there (forms and URLSearchParams write it so); in a
    /// path it is a plus. False when an escape is broken or the bytes are not UTF-8.
    /// </summary>
    public static bool TryDecodeQuery(ReadOnlySpan<char> text, out byte[] bytes) =>
        TryDecode(text, plusIsSpace: true, out bytes) && Utf8.IsValid(bytes);

    /// <summary>Decodes every escape once; anything but ASCII outside an escape is a fault.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, bool plusIsSpace, out byte[] bytes)
    {
        var escapes = text.Count('%');
        var length = text.Length - (2 * escapes);
        if (length < 0)
        {
            bytes = [];
            return false;
        }

        bytes = new byte[length];
        var at = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (character == '%')
            {
                if (!TryHex(text, i + 1, out var decoded))
                {
                    bytes = [];
                    return false;
                }

                bytes[at++] = decoded;
                i += 2;
                continue;
            }

            if (character > '~' || at >= length)
            {
                bytes = [];
                return false;
            }

            bytes[at++] = plusIsSpace && character == '+' ? (byte)' ' : (byte)character;
        }

        return true;
    }

    private static bool TryHex(ReadOnlySpan<char> text, int at, out byte decoded)
    {
        decoded = 0;
        if (at + 1 >= text.Length || !char.IsAsciiHexDigit(text[at]) || !char.IsAsciiHexDigit(text[at + 1]))
        {
            return false;
        }

        decoded = (byte)((HexValue(text[at]) << 4) | HexValue(text[at + 1]));
        return true;
    }

    private static int HexValue(char digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}

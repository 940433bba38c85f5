using System.Buffers;
using System.Buffers.Text;

namespace RestKv.Api.Etcd.Json;

/// <summary>
/// Bytes as protobuf's JSON has them: base64 in the standard or the URL-safe alphabet, padded or not. Line breaks inside are
/// passed over, and bits beyond the last byte are of no account.
/// </summary>
internal static class Base64Text
{
    private const byte Pad = (byte)'=';
    private const byte NoDigit = 0xff;

    private static readonly byte[] Standard = DigitsOf("+/"u8);
    private static readonly byte[] UrlSafe = DigitsOf("-_"u8);

    /// <summary>False for what is no base64; otherwise an array of exactly the bytes.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, out byte[] bytes)
    {
        if (text.IsEmpty)
        {
            bytes = [];
            return true;
        }

        return TryDecodeCanonical(text, out bytes) || TryDecodeAny(text, out bytes);
    }

    private static bool TryDecodeCanonical(ReadOnlySpan<byte> text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length % 4 != 0)
        {
            return false;
        }

        var padding = text[^1] != Pad ? 0 : text[^2] != Pad ? 1 : 2;
        bytes = GC.AllocateUninitializedArray<byte>((text.Length / 4 * 3) - padding);
        return Base64.DecodeFromUtf8(text, bytes, out _, out var written) == OperationStatus.Done && written == bytes.Length;
    }

    private static bool TryDecodeAny(ReadOnlySpan<byte> text, out byte[] bytes)
    {
        bytes = [];
        var digits = text.ContainsAny("-_"u8) ? UrlSafe : Standard;
        var isPadded = text.Length % 4 == 0;
        var into = new byte[(text.Length / 4 * 3) + 3];
        var filled = 0;
        var bits = 0u;
        var count = 0;
        var pads = 0;
        foreach (var one in text)
        {
            if (one is (byte)'\r' or (byte)'\n')
            {
                continue;
            }

            if (one == Pad && isPadded)
            {
                pads++;
                continue;
            }

            var digit = digits[one];
            if (digit == NoDigit || pads > 0)
            {
                return false;
            }

            bits = (bits << 6) | digit;
            count++;
            if (count % 4 == 0)
            {
                into[filled++] = (byte)(bits >> 16);
                into[filled++] = (byte)(bits >> 8);
                into[filled++] = (byte)bits;
            }
        }

        return TryEnd(into, filled, bits, count % 4, pads, isPadded, out bytes);
    }

    /// <summary>The last group: two digits make a byte, three make two; one makes nothing.</summary>
    private static bool TryEnd(byte[] into, int filled, uint bits, int left, int pads, bool isPadded, out byte[] bytes)
    {
        bytes = [];
        if (left == 1 || (isPadded && pads != (4 - left) % 4))
        {
            return false;
        }

        if (left > 1)
        {
            bits <<= 6 * (4 - left);
            into[filled++] = (byte)(bits >> 16);
            if (left == 3)
            {
                into[filled++] = (byte)(bits >> 8);
            }
        }

        bytes = into[..filled];
        return true;
    }

    private static byte[] DigitsOf(ReadOnlySpan<byte> lastTwo)
    {
        var digits = new byte[256];
        Array.Fill(digits, NoDigit);
        var value = (byte)0;
        foreach (var (from, to) in (ReadOnlySpan<(char From, char To)>)[('A', 'Z'), ('a', 'z'), ('0', '9')])
        {
            for (var digit = from; digit <= to; digit++)
            {
                digits[digit] = value++;
            }
        }

        digits[lastTwo[0]] = value++;
        digits[lastTwo[1]] = value;
        return digits;
    }
}

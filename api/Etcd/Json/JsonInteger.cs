using System.Buffers.Text;

namespace RestKv.Api.Etcd.Json;

/// <summary>
/// Whole numbers as protobuf's JSON has them: any JSON number whose value is whole, so that `1e2` and `2.0` count, and the same
/// text in quotes.
/// </summary>
internal static class JsonInteger
{
    /// <summary>More digits than any 64-bit number has.</summary>
    private const int DigitsMax = 20;

    /// <summary>Larger exponents are all the same: no text of a request can bring the point back.</summary>
    private const int ExponentMax = 1 << 24;

    public static bool TryReadSigned(ReadOnlySpan<byte> text, out long value)
    {
        if (IsPlain(text) && Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length)
        {
            return true;
        }

        value = 0;
        if (!TryReadAny(text, out var isNegative, out var magnitude))
        {
            return false;
        }

        value = isNegative ? unchecked(-(long)magnitude) : (long)magnitude;
        return magnitude <= long.MaxValue || (isNegative && magnitude == 1UL << 63);
    }

    public static bool TryReadUnsigned(ReadOnlySpan<byte> text, out ulong value)
    {
        if (IsPlain(text) && Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length)
        {
            return true;
        }

        return TryReadAny(text, out var isNegative, out value) && (!isNegative || value == 0);
    }

    /// <summary>Digits with at most a minus before them, and no superfluous zero.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> text)
    {
        var digits = text.StartsWith("-"u8) ? text[1..] : text;
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && (digits[0] != '0' || digits.Length == 1);
    }

    /// <summary>The grammar of a JSON number; false for anything else, for fractions, and beyond 64 bits.</summary>
    private static bool TryReadAny(ReadOnlySpan<byte> text, out bool isNegative, out ulong magnitude)
    {
        magnitude = 0;
        isNegative = text.StartsWith("-"u8);
        text = isNegative ? text[1..] : text;
        var whole = TakeDigits(ref text);
        if (whole.IsEmpty || (whole[0] == '0' && whole.Length > 1))
        {
            return false;
        }

        ReadOnlySpan<byte> fraction = default;
        if (text.StartsWith("."u8))
        {
            text = text[1..];
            fraction = TakeDigits(ref text);
            if (fraction.IsEmpty)
            {
                return false;
            }
        }

        return TryTakeExponent(ref text, out var exponent) && text.IsEmpty && TryScale(whole, fraction, exponent, out magnitude);
    }

    private static ReadOnlySpan<byte> TakeDigits(scoped ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return digits;
    }

    private static bool TryTakeExponent(scoped ref ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if (text.IsEmpty || text[0] is not ((byte)'e' or (byte)'E'))
        {
            return true;
        }

        text = text[1..];
        var isNegative = text.StartsWith("-"u8);
        text = isNegative || text.StartsWith("+"u8) ? text[1..] : text;
        var digits = TakeDigits(ref text);
        foreach (var digit in digits)
        {
            exponent = Math.Min(ExponentMax, (exponent * 10) + (digit - '0'));
        }

        exponent = isNegative ? -exponent : exponent;
        return !digits.IsEmpty;
    }

    /// <summary>whole.fraction × 10^exponent, if that is a whole number of 64 bits.</summary>
    private static bool TryScale(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, int exponent, out ulong value)
    {
        value = 0;
        fraction = fraction.TrimEnd((byte)'0');
        exponent -= fraction.Length;
        if (fraction.IsEmpty)
        {
            var kept = whole.TrimEnd((byte)'0');
            exponent += whole.Length - kept.Length;
            whole = kept;
        }

        whole = whole.TrimStart((byte)'0');
        if (whole.IsEmpty)
        {
            fraction = fraction.TrimStart((byte)'0');
        }

        var digits = whole.Length + fraction.Length;
        if (digits == 0)
        {
            return true;
        }

        return exponent >= 0 && digits + exponent <= DigitsMax && TryGather(whole, fraction, exponent, out value);
    }

    private static bool TryGather(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, int zeros, out ulong value)
    {
        UInt128 sum = 0;
        foreach (var digit in whole)
        {
            sum = (sum * 10) + (uint)(digit - '0');
        }

        foreach (var digit in fraction)
        {
            sum = (sum * 10) + (uint)(digit - '0');
        }

        for (; zeros > 0; zeros--)
        {
            sum *= 10;
        }

        value = (ulong)sum;
        return sum <= ulong.MaxValue;
    }
}

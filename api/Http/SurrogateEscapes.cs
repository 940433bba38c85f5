using System.Globalization;

namespace RestKv.Api.Http;

/// <summary>Looks for `\ud800` without its partner in the raw text of a JSON string.</summary>
internal static class SurrogateEscapes
{
    private const int EscapeLength = 6;

    public static bool HaveLoneOne(ReadOnlySpan<byte> raw)
    {
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != (byte)'\\')
            {
                continue;
            }

            if (!TryUnit(raw[i..], out var unit))
            {
                i++;
                continue;
            }

            i += EscapeLength - 1;
            if (char.IsLowSurrogate(unit))
            {
                return true;
            }

            if (char.IsHighSurrogate(unit))
            {
                if (!TryUnit(raw[(i + 1)..], out var partner) || !char.IsLowSurrogate(partner))
                {
                    return true;
                }

                i += EscapeLength;
            }
        }

        return false;
    }

    private static bool TryUnit(ReadOnlySpan<byte> text, out char unit)
    {
        unit = default;
        if (text.Length < EscapeLength || text[0] != (byte)'\\' || text[1] != (byte)'u'
            || !ushort.TryParse(text[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            return false;
        }

        unit = (char)code;
        return true;
    }
}

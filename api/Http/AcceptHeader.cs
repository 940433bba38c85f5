using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace RestKv.Api.Http;

/// <summary>Just enough of RFC 9110 section 12.5.1 to choose between the few forms an endpoint has.</summary>
internal static class AcceptHeader
{
    private const double Unacceptable = 0;

    /// <summary>How much the client wants a media type: 0 not at all, up to 1. No header means anything.</summary>
    public static double Quality(StringValues accept, string mediaType)
    {
        if (accept.Count == 0)
        {
            return 1;
        }

        var best = -1;
        var quality = Unacceptable;
        var slash = mediaType.IndexOf('/', StringComparison.Ordinal);
        foreach (var line in accept)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var item = line.AsSpan(range).Trim();
                var semicolon = item.IndexOf(';');
                var type = (semicolon < 0 ? item : item[..semicolon]).Trim();
                var specificity = Specificity(type, mediaType, slash);
                if (specificity > best)
                {
                    best = specificity;
                    quality = semicolon < 0 ? 1 : QualityOf(item[(semicolon + 1)..]);
                }
            }
        }

        return best < 0 ? Unacceptable : quality;
    }

    public static bool Accepts(StringValues accept, string mediaType) => Quality(accept, mediaType) > 0;

    /// <summary>True when the type itself is named, nothing is wanted more, and nothing before it is wanted as much.</summary>
    public static bool Prefers(StringValues accept, string mediaType)
    {
        var (named, before, after) = (-1.0, 0.0, 0.0);
        foreach (var line in accept)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var item = line.AsSpan(range).Trim();
                var semicolon = item.IndexOf(';');
                var type = (semicolon < 0 ? item : item[..semicolon]).Trim();
                var quality = semicolon < 0 ? 1 : QualityOf(item[(semicolon + 1)..]);
                if (named < 0 && type.Equals(mediaType, StringComparison.OrdinalIgnoreCase))
                {
                    named = quality;
                }
                else if (named < 0)
                {
                    before = Math.Max(before, quality);
                }
                else
                {
                    after = Math.Max(after, quality);
                }
            }
        }

        return named > before && named >= after;
    }

    private static int Specificity(ReadOnlySpan<char> type, string mediaType, int slash)
    {
        if (type.Equals(mediaType, StringComparison.OrdinalIgnoreCase))
        {
            return 2;
        }

        if (type is "*/*" or "*")
        {
            return 0;
        }

        return type.EndsWith("/*") && type[..^2].Equals(mediaType.AsSpan(0, slash), StringComparison.OrdinalIgnoreCase) ? 1 : -1;
    }

    private static double QualityOf(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim();
            if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
            {
                return double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                    ? Math.Clamp(value, 0, 1)
                    : Unacceptable;
            }
        }

        return 1;
    }
}

using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace RestKv.Api.Http;

/// <summary>
/// Entity tags: the quoted mod revision, `"42"`, and `"42;j"` for the JSON form of the same entry, because strong tags must
/// differ between representations. Conditions read the number. `"0"` stands for "no such key".
/// </summary>
internal static class EntityTag
{
    private const string JsonMark = ";j";

    public static string Of(long modRevision) => string.Create(CultureInfo.InvariantCulture, $"\"{modRevision}\"");

    public static string OfJson(long modRevision) => string.Create(CultureInfo.InvariantCulture, $"\"{modRevision};j\"");

    /// <summary>A single strong tag of ours; anything else, weak ones included, is a fault.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long modRevision)
    {
        modRevision = 0;
        if (text.Length < 3 || text[0] != '"' || text[^1] != '"')
        {
            return false;
        }

        var inner = text[1..^1];
        if (inner.EndsWith(JsonMark))
        {
            inner = inner[..^JsonMark.Length];
        }

        return QueryReader.TryParseInteger(inner, out modRevision);
    }

    /// <summary>
    /// Reads a list of tags for a read's condition. Weak marks, which compressing proxies add, are passed over as RFC 9110
    /// (section 13.1.2) asks for If-None-Match.
    /// </summary>
    public static bool TryParseList(StringValues header, bool allowWeak, out List<long> modRevisions)
    {
        modRevisions = [];
        foreach (var line in header)
        {
            var rest = line.AsSpan();
            while (true)
            {
                var comma = rest.IndexOf(',');
                var part = (comma < 0 ? rest : rest[..comma]).Trim(" \t");
                if (allowWeak && part.StartsWith("W/"))
                {
                    part = part[2..];
                }

                if (!TryParse(part, out var modRevision))
                {
                    return false;
                }

                modRevisions.Add(modRevision);
                if (comma < 0)
                {
                    break;
                }

                rest = rest[(comma + 1)..];
            }
        }

        return true;
    }
}

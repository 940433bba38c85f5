using System.Text.Unicode;
using RestKv.Api.Errors;
using RestKv.Api.Http;

namespace RestKv.Api.Security;

/// <summary>
/// Reads the raw request target. Kestrel's `Path` will not do for keys: it folds dot segments (`/v1/kv/a/../b` would be key
/// `b`), leaves `%2F` and invalid UTF-8 escaped while it decodes the rest, and so maps different keys to one. Here a key is
/// what follows the prefix up to `?`, decoded once, byte by byte; whatever Kestrel would have folded is refused.
/// </summary>
internal readonly struct KeyTarget
{
    private const string Base = "/v1/";

    private KeyTarget(
        KeyRoute route, byte[] key, ReadOnlyMemory<char> path, ReadOnlyMemory<char> query, Problem? problem)
    {
        Route = route;
        Key = key;
        Path = path;
        Query = query;
        Problem = problem;
    }

    public KeyRoute Route { get; }

    public byte[] Key { get; }

    public ReadOnlyMemory<char> Path { get; }

    /// <summary>The raw query, without its question mark.</summary>
    public ReadOnlyMemory<char> Query { get; }

    public Problem? Problem { get; }

    public static KeyTarget Parse(string rawTarget)
    {
        var target = OriginForm(rawTarget);
        var mark = target.Span.IndexOf('?');
        var path = mark < 0 ? target : target[..mark];
        var query = mark < 0 ? default : target[(mark + 1)..];
        var route = RouteOf(path.Span, out var text);
        if (route == KeyRoute.None)
        {
            return new KeyTarget(route, [], path, query, HasDotSegment(path.Span) ? NoSuchRoute() : null);
        }

        var problem = route is KeyRoute.Kv or KeyRoute.History
            ? DecodePlain(text, route == KeyRoute.Kv ? "/v1/kv64/" : "/v1/history64/", out var key)
            : Decode64(text, out key);
        return new KeyTarget(route, key, path, query, problem);
    }

    /// <summary>The target from its path on: proxies may send the absolute form.</summary>
    private static ReadOnlyMemory<char> OriginForm(string rawTarget)
    {
        if (rawTarget.StartsWith('/'))
        {
            return rawTarget.AsMemory();
        }

        var authority = rawTarget.IndexOf("://", StringComparison.Ordinal);
        var slash = authority < 0 ? -1 : rawTarget.IndexOf('/', authority + 3);
        return slash < 0 ? default : rawTarget.AsMemory(slash);
    }

    private static KeyRoute RouteOf(ReadOnlySpan<char> path, out ReadOnlySpan<char> key)
    {
        key = default;
        if (!path.StartsWith(Base))
        {
            return KeyRoute.None;
        }

        var rest = path[Base.Length..];
        var slash = rest.IndexOf('/');
        if (slash < 0)
        {
            return KeyRoute.None;
        }

        key = rest[(slash + 1)..];
        return rest[..slash] switch
        {
            "kv" => KeyRoute.Kv,
            "kv64" => KeyRoute.Kv64,
            "history" => KeyRoute.History,
            "history64" => KeyRoute.History64,
            _ => KeyRoute.None,
        };
    }

    private static Problem? DecodePlain(ReadOnlySpan<char> text, string forBytes, out byte[] key)
    {
        key = [];
        if (text.IsEmpty)
        {
            return Empty();
        }

        if (HasDotSegment(text))
        {
            return new Problem(
                ProblemCatalog.KeyDotSegment,
                $"a segment is \".\" or \"..\", which clients and proxies would fold away; use {forBytes}");
        }

        if (!PercentText.TryDecode(text, plusIsSpace: false, out key))
        {
            return new Problem(ProblemCatalog.KeyEncoding, "a percent sign is not followed by two hexadecimal digits");
        }

        if (key.Length > HttpLimits.KeyBytesMax)
        {
            return TooLong(key.Length);
        }

        return Utf8.IsValid(key)
            ? null
            : new Problem(ProblemCatalog.KeyEncoding, $"the key is not UTF-8; {forBytes} takes any bytes as base64url");
    }

    private static Problem? Decode64(ReadOnlySpan<char> text, out byte[] key)
    {
        key = [];
        if (text.IsEmpty)
        {
            return Empty();
        }

        if (!StrictBase64.TryDecodeUrl(text, out key))
        {
            return new Problem(ProblemCatalog.InvalidBase64, "the key is base64url without padding (RFC 4648, section 5)");
        }

        return key.Length > HttpLimits.KeyBytesMax ? TooLong(key.Length) : null;
    }

    /// <summary>True when a segment between raw slashes is `.` or `..`, also with dots written as %2e.</summary>
    private static bool HasDotSegment(ReadOnlySpan<char> path)
    {
        if (!path.Contains('.') && !path.Contains("%2e", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        while (true)
        {
            var slash = path.IndexOf('/');
            if (IsDots(slash < 0 ? path : path[..slash]))
            {
                return true;
            }

            if (slash < 0)
            {
                return false;
            }

            path = path[(slash + 1)..];
        }
    }

    private static bool IsDots(ReadOnlySpan<char> segment)
    {
        var dots = 0;
        while (!segment.IsEmpty && dots <= 2)
        {
            if (segment[0] == '.')
            {
                segment = segment[1..];
            }
            else if (segment.StartsWith("%2e", StringComparison.OrdinalIgnoreCase))
            {
                segment = segment[3..];
            }
            else
            {
                return false;
            }

            dots++;
        }

        return segment.IsEmpty && dots is 1 or 2;
    }

    private static Problem Empty() => new(ProblemCatalog.KeyEmpty, "give a key after the last slash; the list is at /v1/kv");

    private static Problem TooLong(int length) =>
        new(ProblemCatalog.KeyTooLong, $"the key has {length} bytes; the limit is {HttpLimits.KeyBytesMax}");

    private static Problem NoSuchRoute() =>
        new(ProblemCatalog.RouteNotFound, "the path has a dot segment");
}

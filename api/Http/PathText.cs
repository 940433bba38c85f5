using System.Text;

namespace RestKv.Api.Http;

/// <summary>Names in paths.</summary>
internal static class PathText
{
    /// <summary>
    /// The last segment, decoded. From the raw path: routing would leave an escaped slash escaped. Empty when it cannot be decoded:
    /// nothing has that name.
    /// </summary>
    public static string LastOf(HttpContext context)
    {
        var path = RequestFacts.Of(context).RawPath.Span;
        var text = path[(path.LastIndexOf('/') + 1)..];
        return PercentText.TryDecode(text, plusIsSpace: false, out var bytes) ? Encoding.UTF8.GetString(bytes) : "";
    }
}

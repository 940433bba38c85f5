using RestKv.Api.Errors;

namespace RestKv.Api.Http;

/// <summary>
/// Which requests carry JSON. A browser must say `application/json`, which it does across sites only after a preflight; curl,
/// whose `-d` says form or nothing, is believed when the body starts like JSON and nothing hints at a browser.
/// </summary>
internal static class JsonMediaType
{
    private const string Form = "application/x-www-form-urlencoded";

    public static Problem? Check(HttpRequest request, out bool mustLookLikeJson)
    {
        mustLookLikeJson = false;
        var text = request.Headers.ContentType.ToString().AsSpan();
        var semicolon = text.IndexOf(';');
        var type = (semicolon < 0 ? text : text[..semicolon]).Trim();
        if (type.Equals(KvHeaders.Json, StringComparison.OrdinalIgnoreCase))
        {
            return semicolon < 0 || IsUtf8(text[(semicolon + 1)..])
                ? null
                : new Problem(ProblemCatalog.UnsupportedCharset, "send UTF-8") { At = "Content-Type" };
        }

        var isCurlLike = (type.IsEmpty || type.Equals(Form, StringComparison.OrdinalIgnoreCase))
            && request.Headers.Origin.Count == 0 && request.Headers[KvHeaders.SecFetchSite].Count == 0
            && request.Headers.Cookie.Count == 0;
        mustLookLikeJson = isCurlLike;
        return isCurlLike ? null : Unsupported();
    }

    public static Problem Unsupported() =>
        new(ProblemCatalog.UnsupportedMediaType, "send application/json") { At = "Content-Type" };

    private static bool IsUtf8(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim();
            if (parameter.StartsWith("charset=", StringComparison.OrdinalIgnoreCase)
                && !parameter[8..].Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }
}

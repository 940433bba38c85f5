using System.Globalization;

namespace RestKv.Api.Hosting.Options;

/// <summary>Comma-separated `http://host:port` or `https://host:port` addresses.</summary>
internal static class UrlListText
{
    public static Parsed<IReadOnlyList<Uri>> Parse(string text)
    {
        var urls = new List<Uri>();
        foreach (var part in text.Split(','))
        {
            if (ParseOne(part, out var url) is { } fault)
            {
                return new(null, fault);
            }

            urls.Add(url!);
        }

        return new(urls, null);
    }

    public static string Show(IReadOnlyList<Uri> urls) => string.Join(',', urls.Select(ShowOne));

    /// <summary>With the port, also where it is the usual one.</summary>
    public static string ShowOne(Uri url) => string.Create(CultureInfo.InvariantCulture, $"{url.Scheme}://{url.Host}:{url.Port}");

    /// <summary>Null when the text is an address.</summary>
    public static string? ParseOne(string text, out Uri? url)
    {
        url = null;
        if (!(text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal))
            || !Uri.TryCreate(text, UriKind.Absolute, out url))
        {
            return $"\"{text}\" is not an address such as http://127.0.0.1:2379 (ports end at 65535)";
        }

        if (url.PathAndQuery != "/" || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
        {
            return $"{text}: only {url.Scheme}://host:port, with nothing behind it";
        }

        return HasPort(text) ? null : $"{text}: the port is missing";
    }

    /// <summary>Judged by the text: the parser forgets whether the usual port was written out.</summary>
    private static bool HasPort(string text)
    {
        var authority = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..].TrimEnd('/');
        var colon = authority.LastIndexOf(':');
        return colon > authority.LastIndexOf(']') && colon < authority.Length - 1;
    }
}

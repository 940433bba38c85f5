using RestKv.Api.Http;

namespace RestKv.Api.Endpoints;

/// <summary>The `Link` header of a page that has a successor (RFC 8288): the same query with the next cursor.</summary>
internal static class NextLink
{
    public static string Of(RequestFacts facts, string next) => $"</v1/kv?{Without(facts, "cursor")}cursor={next}>; rel=\"next\"";

    /// <summary>The raw query without one parameter, ready to be added to.</summary>
    private static string Without(RequestFacts facts, string name)
    {
        var query = facts.RawQuery.Span;
        var kept = new System.Text.StringBuilder(query.Length + 1);
        foreach (var range in query.Split('&'))
        {
            var part = query[range];
            if (!part.IsEmpty && !(part.StartsWith(name) && part.Length > name.Length && part[name.Length] == '='))
            {
                kept.Append(part).Append('&');
            }
        }

        return kept.ToString();
    }
}

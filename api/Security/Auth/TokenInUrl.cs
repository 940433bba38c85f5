using RestKv.Api.Errors;
using RestKv.Api.Http;

namespace RestKv.Api.Security.Auth;

/// <summary>Secrets in addresses end up in logs, histories and Referer headers: none is taken, whether or not it is good.</summary>
internal static class TokenInUrl
{
    private static readonly string[] Names =
        ["token", "access_token", "auth_token", "api_key", "apikey", "authorization", "password"];

    public static Problem? Check(RequestFacts facts)
    {
        foreach (var part in facts.RawQuery.Span.Split('&'))
        {
            var pair = facts.RawQuery.Span[part];
            var equals = pair.IndexOf('=');
            var name = equals < 0 ? pair : pair[..equals];
            foreach (var secret in Names)
            {
                if (name.Equals(secret, StringComparison.OrdinalIgnoreCase))
                {
                    return new Problem(
                        ProblemCatalog.TokenInUrl, "send it in the Authorization header; an EventSource takes a ticket (POST /v1/auth/ticket)")
                    {
                        At = secret,
                    };
                }
            }
        }

        return null;
    }
}

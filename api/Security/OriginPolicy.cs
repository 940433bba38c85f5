using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Http;

namespace RestKv.Api.Security;

/// <summary>
/// What web pages may do. Browsers send `Origin` with every cross-site write and `Sec-Fetch-Site` with everything, so a write
/// that carries one of them must come from our own origin or from one the operator listed; everything else is refused
/// whatever its media type. Listed origins also get CORS answers; no other ever does.
/// </summary>
internal sealed class OriginPolicy
{
    private const string Methods = "GET, HEAD, PUT, POST, DELETE";

    private const string RequestHeaders =
        "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, Request-Id, traceparent";

    private const string ExposedHeaders =
        "ETag, Link, Location, Retry-After, Last-Modified, Kv-Revision, Kv-Member, Kv-Create-Revision, Kv-Version, Kv-Lease, "
        + "Kv-Ttl, Idempotency-Replayed, Preference-Applied, Request-Id";

    private const string GatewayMethods = "POST, GET, OPTIONS, PUT, DELETE";

    private const string GatewayHeaders = "accept, content-type, authorization";

    private const int PreflightSeconds = 600;

    private readonly HashSet<string> _allowed;

    public OriginPolicy(NodeOptions options)
    {
        _allowed = new HashSet<string>(options.CorsOrigins, StringComparer.OrdinalIgnoreCase);
        _allowed.Remove("null");
        _allowed.Remove("*");
    }

    /// <summary>Refuses, answers a preflight (then <paramref name="answered"/>), or lets the request pass.</summary>
    public Problem? Judge(HttpContext context, out bool answered)
    {
        answered = false;
        var headers = context.Request.Headers;
        var origin = headers.Origin;
        var site = headers[KvHeaders.SecFetchSite];
        if (origin.Count == 0 && site.Count == 0)
        {
            return null;
        }

        var isListed = origin.Count == 1 && _allowed.Contains(origin.ToString());
        if (isListed)
        {
            SetCorsHeaders(context.Response, origin.ToString());
        }

        if (HttpMethods.IsOptions(context.Request.Method) && origin.Count > 0
            && headers.AccessControlRequestMethod.Count > 0)
        {
            // Our own pages need no preflight, so what asks for them gets an answer but no leave it did not have.
            answered = isListed || IsOwn(context.Request, origin.ToString());
            return answered ? AnswerPreflight(context) : Refuse(origin.ToString());
        }

        return IsWrite(context.Request.Method) ? JudgeWrite(context.Request) : null;
    }

    /// <summary>
    /// OPTIONS as etcd's gateway answers it: always 200. What asks without an origin is no page of a browser and may know that any
    /// client is welcome; pages learn more only on origins that are listed.
    /// </summary>
    public Problem? Welcome(HttpContext context, out bool answered)
    {
        answered = true;
        var origin = context.Request.Headers.Origin;
        var headers = context.Response.Headers;
        if (origin.Count == 0)
        {
            headers.AccessControlAllowOrigin = "*";
            headers.AccessControlAllowMethods = GatewayMethods;
            headers.AccessControlAllowHeaders = GatewayHeaders;
        }
        else if (origin.Count == 1 && _allowed.Contains(origin.ToString()))
        {
            SetCorsHeaders(context.Response, origin.ToString());
            AnswerPreflight(context);
        }

        Reply.SendNothing(context, StatusCodes.Status200OK);
        return null;
    }

    /// <summary>Whether a request that changes something may come from where it says it does.</summary>
    public Problem? JudgeWrite(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        var site = request.Headers[KvHeaders.SecFetchSite];
        if (origin.Count == 1 && _allowed.Contains(origin.ToString()))
        {
            return null;
        }

        if (origin.Count > 0 && !IsOwn(request, origin.ToString()))
        {
            return Refuse(origin.ToString());
        }

        return site.Count == 0 || site.ToString() is "same-origin" or "none" ? null : Refuse("another site");
    }

    private static bool IsWrite(string method) =>
        !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method);

    // Scheme, host and port, as browsers have it. A proxy that ends TLS must say so (`:scheme` of HTTP/2) or its https origin
    // must be listed: whoever can serve pages under our name on another scheme is not us.
    private static bool IsOwn(HttpRequest request, string origin)
    {
        var scheme = origin.IndexOf("://", StringComparison.Ordinal);
        return scheme > 0 && request.Host.HasValue
            && origin.AsSpan(0, scheme).Equals(request.Scheme, StringComparison.OrdinalIgnoreCase)
            && origin.AsSpan(scheme + 3).Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }

    private static void SetCorsHeaders(HttpResponse response, string origin)
    {
        response.Headers.AccessControlAllowOrigin = origin;
        response.Headers.AccessControlExposeHeaders = ExposedHeaders;
        response.Headers.Append("Vary", "Origin");
    }

    private static Problem? AnswerPreflight(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlAllowHeaders = RequestHeaders;
        headers.AccessControlMaxAge = Text.Of(PreflightSeconds);
        if (context.Request.Headers["Access-Control-Request-Private-Network"] == "true")
        {
            headers["Access-Control-Allow-Private-Network"] = "true";
        }

        Reply.SendNothing(context, StatusCodes.Status204NoContent);
        return null;
    }

    private static Problem Refuse(string origin) => new(
        ProblemCatalog.OriginNotAllowed,
        $"requests from {Printable(origin)} are not taken; list the origin with --cors-origins if they should be");

    private static string Printable(string origin) => origin.Length <= 200 ? origin : origin[..200];
}

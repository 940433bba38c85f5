using Microsoft.AspNetCore.Routing.Patterns;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Api.OpenApi;

namespace RestKv.Api.Security;

/// <summary>
/// Right after routing: what matched must match exactly. Routing ignores case and a trailing slash; we do neither, because
/// `/V1/KV/x` and `/v1/leases/` with an empty id are mistakes that should show. What did not match becomes a problem, and so
/// does what only the endpoint can tell: an origin that may not change anything, a condition that nobody would look at.
/// </summary>
internal sealed class RouteGate(RequestDelegate next, OriginPolicy origins, EndpointDataSource endpoints)
{
    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        var facts = RequestFacts.Of(context);
        if (endpoint is not RouteEndpoint route)
        {
            return endpoint is null ? NotFoundAsync(context) : MethodNotAllowedAsync(context, endpoint);
        }

        if (!IsExact(context, route, facts))
        {
            return NotFoundAsync(context);
        }

        // Routing ignores the case of methods too, and HTTP does not.
        if (context.Request.Method.AsSpan().ContainsAnyInRange('a', 'z'))
        {
            return MethodNotAllowedAsync(context, route);
        }

        var problem = route.Metadata.GetMetadata<ChangesState>() is null ? null : origins.JudgeWrite(context.Request);
        problem ??= CheckConditions(context.Request, route);
        return problem is null ? next(context) : problem.WriteAsync(context);
    }

    /// <summary>A condition on a write that is not honoured is worse than none.</summary>
    private static Problem? CheckConditions(HttpRequest request, RouteEndpoint route)
    {
        var name = request.Headers.IfMatch.Count > 0 ? HeaderParameter.IfMatch
            : request.Headers.IfNoneMatch.Count > 0 ? HeaderParameter.IfNoneMatch
            : null;
        return name is null || route.Metadata.GetMetadata<OperationNotes>() is not { IsWrite: true } notes
            || notes.Headers.Contains(name)
                ? null
                : new Problem(
                    ProblemCatalog.InvalidFieldCombination,
                    $"{name.Name} is about one key and goes with reads and writes of one; /v1/txn takes conditions in its body")
                {
                    At = name.Name,
                };
    }

    private static bool IsExact(HttpContext context, RouteEndpoint route, RequestFacts facts)
    {
        if (route.Metadata.GetMetadata<KeyRouteMetadata>() is { } keyed)
        {
            return facts.Route == keyed.Route;
        }

        if (facts.Route != KeyRoute.None)
        {
            return false;
        }

        return route.Metadata.GetMetadata<AnySpelling>() is not null
            || Matches(context.Request.Path.Value.AsSpan(), route.RoutePattern);
    }

    private static bool Matches(ReadOnlySpan<char> path, RoutePattern pattern)
    {
        foreach (var segment in pattern.PathSegments)
        {
            if (path.Length < 2 || path[0] != '/')
            {
                return false;
            }

            var end = path[1..].IndexOf('/');
            var text = end < 0 ? path[1..] : path[1..(end + 1)];
            path = end < 0 ? default : path[(end + 1)..];
            if (segment.IsSimple && segment.Parts[0] is RoutePatternLiteralPart literal && !text.SequenceEqual(literal.Content))
            {
                return false;
            }
        }

        return path.IsEmpty || pattern.PathSegments.Count == 0;
    }

    private static Task NotFoundAsync(HttpContext context) =>
        new Problem(ProblemCatalog.RouteNotFound, "paths are case-sensitive; /openapi/v1.json lists them all")
            .WriteAsync(context);

    private Task MethodNotAllowedAsync(HttpContext context, RouteEndpoint route)
    {
        var methods = endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(other => other.RoutePattern.RawText == route.RoutePattern.RawText)
            .SelectMany(other => other.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
            .Distinct();
        context.Response.Headers.Allow = string.Join(", ", methods);
        return new Problem(
            ProblemCatalog.MethodNotAllowed, $"this route has {context.Response.Headers.Allow}; methods are case-sensitive")
            .WriteAsync(context);
    }

    // Routing's own endpoint knows the methods of the route: it sets the status and Allow, the problem gives it a body.
    private static async Task MethodNotAllowedAsync(HttpContext context, Endpoint endpoint)
    {
        if (endpoint.RequestDelegate is not null)
        {
            await endpoint.RequestDelegate(context);
        }

        if (context.Response.StatusCode != StatusCodes.Status405MethodNotAllowed)
        {
            await NotFoundAsync(context);
            return;
        }

        await new Problem(ProblemCatalog.MethodNotAllowed, $"this route has {context.Response.Headers.Allow}")
            .WriteAsync(context);
    }
}

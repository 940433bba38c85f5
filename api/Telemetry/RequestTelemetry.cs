using System.Diagnostics;
using RestKv.Api.Hosting;
using RestKv.Api.Http;

namespace RestKv.Api.Telemetry;

/// <summary>
/// The outermost middleware: counts requests, measures those that are not streams, and logs the slow ones with what they
/// asked for, never with what they carried.
/// </summary>
public sealed partial class RequestTelemetry(
    RequestDelegate next, NodeMetrics metrics, NodeOptions options, ILogger<RequestTelemetry> logger)
{
    private const string UnknownRoute = "none";

    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            Finish(context, Stopwatch.GetElapsedTime(started));
        }
    }

    private void Finish(HttpContext context, TimeSpan elapsed)
    {
        var facts = context.Features.Get<RequestFacts>();
        var endpoint = context.GetEndpoint();
        var route = facts?.Operation ?? (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? UnknownRoute;
        var method = MethodLabel(context.Request.Method);
        var waits = facts is { IsStream: true } || IsStream(context.Response)
            || endpoint?.Metadata.GetMetadata<OpenEnded>() is not null
            || context.Request.QueryString.Value!.Contains("wait=", StringComparison.Ordinal);
        metrics.RequestFinished(route, method, context.Response.StatusCode, waits ? null : elapsed.TotalSeconds);
        if (!waits && options.SlowRequestThreshold > TimeSpan.Zero && elapsed >= options.SlowRequestThreshold)
        {
            LogSlowRequest(
                method,
                SlowRequestTarget.Describe(context),
                (long)elapsed.TotalMilliseconds,
                context.Response.StatusCode,
                context.Request.ContentLength ?? 0,
                context.Response.ContentLength ?? 0,
                context.TraceIdentifier);
        }
    }

    /// <summary>What is as long as its reader takes: streams of events, and downloads.</summary>
    private static bool IsStream(HttpResponse response) =>
        response.Headers.ContentDisposition.Count > 0
        || (response.ContentType is { } type
            && (type.StartsWith("text/event-stream", StringComparison.Ordinal)
                || type.StartsWith("application/x-ndjson", StringComparison.Ordinal)));

    /// <summary>A client may send any word as a method; a label may not be any word.</summary>
    private static string MethodLabel(string method) => method switch
    {
        "GET" or "HEAD" or "PUT" or "POST" or "DELETE" or "PATCH" or "OPTIONS" => method,
        _ => "other",
    };
}

using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Api.OpenApi;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Telemetry;

/// <summary>`GET /metrics`.</summary>
public static class MetricsEndpoint
{
    private static readonly QuerySpec NoQuery = new();

    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapRead("/metrics", WriteAsync, new OperationNotes
        {
            Id = "getMetrics",
            Access = RouteAccess.Reader,
            Tag = "Health",
            Summary = "Metrics for Prometheus",
            Answers = [Answer.Other("text/plain", "All metrics of this member, in the text format 0.0.4.")],
            Problems = [400],
        });

    private static async Task WriteAsync(HttpContext context, NodeMetrics metrics)
    {
        if (QueryReader.Read(context, NoQuery).Problem is { } fault)
        {
            await fault.WriteAsync(context);
            return;
        }

        RequestFacts.Of(context).IsAnswered = true;
        context.Response.ContentType = MetricsCollector.ContentType;
        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            metrics.Collector.Write(context.Response.BodyWriter);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
    }
}

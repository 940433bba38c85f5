using Microsoft.AspNetCore.Http.Features;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Security.Audit;

/// <summary>
/// Writes down what no command tells: requests that were denied, and calls for those who run the cluster, such as backups. Outside of
/// everything that answers.
/// </summary>
internal sealed class AuditMiddleware(RequestDelegate next, AuditLog log)
{
    private const string GrpcStatus = "grpc-status";

    /// <summary>Calls of etcd's API that are for those who run the cluster and put nothing into the log.</summary>
    private static readonly string[] AdministrativeCalls =
    [
        "maintenance/snapshot", "maintenance/transfer-leadership", "maintenance/defragment", "maintenance/downgrade",
        "Maintenance/Snapshot", "Maintenance/MoveLeader", "Maintenance/Defragment", "Maintenance/Downgrade",
    ];

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        finally
        {
            if (!AuditCaller.IsWritten(context))
            {
                Write(context);
            }
        }
    }

    private void Write(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var grpc = GrpcStatusOf(context);
        var isDenied = status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden || grpc is "7" or "16"
            || AuditCaller.IsDenied(context)
            || (IsLogin(context.Request) && (status >= StatusCodes.Status400BadRequest || grpc is not (null or "0")));
        if (isDenied || IsAdministration(context))
        {
            var caller = AuditCaller.Of(context);
            log.TryWrite(new AuditRecord(isDenied ? AuditedNode.Denied : "answered", caller.Request, AuditCaller.NameOf(context), caller)
            {
                Code = grpc is null ? status.ToString(System.Globalization.CultureInfo.InvariantCulture) : $"grpc {grpc}",
            });
        }
    }

    private static bool IsAdministration(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RouteAccessMetadata>() is { Access: RouteAccess.Admin }
        || (context.Request.Path.Value is { } path && AdministrativeCalls.Any(call => path.EndsWith(call, StringComparison.Ordinal)));

    /// <summary>Of etcd's API, which has no code of its own for a wrong password.</summary>
    private static bool IsLogin(HttpRequest request) =>
        request.Path.Value is { } path && path.EndsWith("auth/authenticate", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null of what is no gRPC call.</summary>
    private static string? GrpcStatusOf(HttpContext context)
    {
        var headers = context.Response.Headers[GrpcStatus];
        return headers.Count > 0 ? headers[0]
            : context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers[GrpcStatus] is { Count: > 0 } trailers ? trailers[0]
            : null;
    }
}

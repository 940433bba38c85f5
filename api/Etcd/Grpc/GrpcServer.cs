using Microsoft.AspNetCore.Http.Features;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Api.Security;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>
/// Serves gRPC over the server's own HTTP/2: what is no gRPC call is passed on, a call is checked by its headers and handed to its
/// method. Stands before the native gate, whose answers are problems and whose paths are keys.
/// </summary>
internal sealed class GrpcServer(
    RequestDelegate next,
    GrpcMethods methods,
    GrpcInvoker invoker,
    HostAllowList hosts,
    OriginPolicy origins,
    Departure departure)
{
    private const string ContentType = "application/grpc";
    private const string Identity = "identity";

    public Task InvokeAsync(HttpContext context) =>
        GrpcMetadata.IsGrpc(context.Request) && HttpMethods.IsPost(context.Request.Method) ? CallAsync(context) : next(context);

    private Task CallAsync(HttpContext context)
    {
        context.Response.ContentType = ContentType;
        departure.Announce(context);
        var path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var route = methods.Find(path);
        context.SetEndpoint(route?.Endpoint);
        TimeSpan? timeout = null;
        var refusal = CheckPage(context.Request) ?? CheckEncoding(context) ?? CheckTimeout(context.Request, out timeout)
            ?? (route is null ? methods.Missing(path) : null);
        if (refusal is null)
        {
            return invoker.RunAsync(context, route!, timeout);
        }

        invoker.Finish(context, route, refusal, hasMessages: false);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Pages cannot speak HTTP/2 in clear text, and TLS would ask for our certificate under their name: who calls is a program and
    /// may know us by any name, as with etcd. Should a page come nevertheless, its browser says so, and it is held to the rules
    /// for pages.
    /// </summary>
    private EtcdFault? CheckPage(HttpRequest request)
    {
        var headers = request.Headers;
        if (headers.Origin.Count == 0 && headers[KvHeaders.SecFetchSite].Count == 0)
        {
            return null;
        }

        return !hosts.Allows(headers.Host.ToString())
            ? new EtcdFault(GrpcCode.PermissionDenied, "this host name is not served; see --host-whitelist")
            : origins.JudgeWrite(request) is { } problem ? new EtcdFault(GrpcCode.PermissionDenied, problem.Detail)
            : null;
    }

    /// <summary>Nothing compressed is taken: a small message that grows to gigabytes cannot be refused in time.</summary>
    private static EtcdFault? CheckEncoding(HttpContext context)
    {
        var encoding = context.Request.Headers.GrpcEncoding;
        if (encoding.Count == 0 || encoding.ToString() is "" or Identity)
        {
            return null;
        }

        context.Response.Headers.GrpcAcceptEncoding = Identity;
        return new EtcdFault(
            GrpcCode.Unimplemented, $"grpc: Decompressor is not installed for grpc-encoding \"{encoding}\"");
    }

    private static EtcdFault? CheckTimeout(HttpRequest request, out TimeSpan? timeout)
    {
        timeout = null;
        var header = request.Headers.GrpcTimeout;
        if (header.Count == 0)
        {
            return null;
        }

        if (header.Count > 1 || !GrpcTimeout.TryParse(header[0], out var parsed))
        {
            return new EtcdFault(GrpcCode.Internal, $"malformed grpc-timeout: \"{header}\"");
        }

        timeout = parsed;
        return null;
    }
}

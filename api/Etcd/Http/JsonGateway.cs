using System.Collections.Frozen;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RestKv.Api.Etcd.Json;
using RestKv.Api.Http;

namespace RestKv.Api.Etcd.Http;

/// <summary>etcd's calls as JSON over HTTP: everything below `/v3/` and its aliases. POST alone calls anything, but for the socket.</summary>
internal sealed class JsonGateway(RequestDelegate next, EtcdMethods methods, WatchSocket socket, TimeProvider time)
{
    private readonly FrozenDictionary<string, GatewayRoute> _routes = methods.All
        .SelectMany(method => method.GatewayPaths.Select(path => (path, route: RouteOf(method))))
        .ToFrozenDictionary(entry => entry.path, entry => entry.route, StringComparer.Ordinal);

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        return GatewayPaths.Contains(path) ? AnswerAsync(context, GatewayPaths.Normalize(path)) : next(context);
    }

    private static GatewayRoute RouteOf(EtcdMethod method) =>
        new(method, MessageCodecs.Of(method.Parser.ParseFrom(ByteString.Empty).Descriptor));

    private Task AnswerAsync(HttpContext context, string path)
    {
        if (!_routes.TryGetValue(path, out var route))
        {
            return GatewayErrors.SendAsync(context, new EtcdFault(GrpcCode.NotFound, "Not Found"));
        }

        RequestFacts.Of(context).Operation = path;
        if (WatchSocket.IsFor(context))
        {
            return socket.ServeAsync(context, (StreamMethod)route.Method, route.Codec);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // Judged while it is read, by etcd's limit and in its words.
            size.MaxRequestBodySize = null;
        }

        if (context.Request.Method != HttpMethods.Post)
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            return GatewayErrors.SendAsync(
                context, new EtcdFault(GrpcCode.Unimplemented, "Method Not Allowed"), StatusCodes.Status405MethodNotAllowed);
        }

        return route.Method switch
        {
            UnaryMethod unary => AnswerAsync(context, unary, route.Codec),
            StreamMethod stream => StreamAsync(context, stream, route.Codec),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private async Task AnswerAsync(HttpContext context, UnaryMethod method, MessageCodec codec)
    {
        GatewayCall? call = null;
        EtcdFault fault;
        try
        {
            call = GatewayCall.Of(context, time);
            var request = await GatewayBody.ReadAsync(context, codec);
            var reply = await method.Invoke(request, call.Call);
            await GatewayReply.SendAsync(context, reply);
            return;
        }
        catch (EtcdFault refusal)
        {
            fault = refusal;
        }
        catch (OperationCanceledException) when (call is { IsOverdue: true })
        {
            fault = EtcdFaults.Deadline();
        }
        finally
        {
            call?.Dispose();
        }

        GatewayReply.SetHeaders(context.Response);
        await GatewayErrors.SendAsync(context, fault);
    }

    private async Task StreamAsync(HttpContext context, StreamMethod method, MessageCodec codec)
    {
        RequestFacts.Of(context).IsStream = true;
        if (method.TakesMany && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            // The next request comes when the client has one.
            rate.MinDataRate = null;
        }

        var replies = new JsonReplies(context);
        using var requests = new JsonRequests(context.Request.BodyReader, codec, method.TakesMany);
        GatewayCall? call = null;
        EtcdFault fault;
        try
        {
            call = GatewayCall.Of(context, time);
            await method.Invoke(requests, replies, call.Call);
            return;
        }
        catch (EtcdFault refusal)
        {
            fault = refusal;
        }
        catch (OperationCanceledException) when (call is { IsOverdue: true })
        {
            fault = EtcdFaults.Deadline();
        }
        finally
        {
            call?.Dispose();
        }

        await replies.FailAsync(fault);
    }
}

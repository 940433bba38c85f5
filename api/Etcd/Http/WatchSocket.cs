using System.Net.WebSockets;
using RestKv.Api.Errors;
using RestKv.Api.Etcd.Json;
using RestKv.Api.Http;
using RestKv.Api.Security;

namespace RestKv.Api.Etcd.Http;

/// <summary>
/// `GET /v3/watch` as a WebSocket: browsers, and whoever cannot send while an answer is coming, watch this way. A page may do so
/// only from our own origin or one that is listed, for browsers do not ask before they open sockets.
/// </summary>
internal sealed class WatchSocket(OriginPolicy origins, TimeProvider time)
{
    private const string Path = "/v3/watch";

    /// <summary>What browsers send as the name of the protocol, since they cannot send the header; the token follows it.</summary>
    private const string Bearer = "Bearer";

    /// <summary>Silence after which a frame is sent that asks nothing: it keeps proxies from closing the connection.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>For a client to take the last message and to say good-bye.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    /// <summary>Whether a request could be for this: only then does it need the features of WebSockets.</summary>
    public static bool MayBeFor(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && GatewayPaths.Normalize(context.Request.Path.Value ?? "") == Path;

    public static bool IsFor(HttpContext context) => MayBeFor(context) && context.WebSockets.IsWebSocketRequest;

    public async Task ServeAsync(HttpContext context, StreamMethod method, MessageCodec codec)
    {
        if (origins.JudgeWrite(context.Request) is { } problem)
        {
            await problem.WriteAsync(context);
            return;
        }

        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        GatewayCall call;
        try
        {
            call = GatewayCall.OfSocket(context, time, TokenOf(context.WebSockets), gone.Token);
        }
        catch (EtcdFault fault)
        {
            await GatewayErrors.SendAsync(context, fault);
            return;
        }

        using (call)
        {
            var facts = RequestFacts.Of(context);
            facts.IsAnswered = facts.IsStream = true;
            using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = context.WebSockets.WebSocketRequestedProtocols.Contains(Bearer) ? Bearer : null,
                KeepAliveInterval = KeepAlive,
            });
            await RunAsync(socket, method, codec, call, gone);
        }
    }

    private async Task RunAsync(
        WebSocket socket, StreamMethod method, MessageCodec codec, GatewayCall call, CancellationTokenSource gone)
    {
        var messages = new SocketMessages(socket);
        using var unread = CancellationTokenSource.CreateLinkedTokenSource(gone.Token);
        var receiving = ReceiveAsync(messages, gone, unread.Token);
        EtcdFault? fault = null;
        using (var requests = new JsonRequests(messages.Requests, codec, method.TakesMany))
        {
            try
            {
                await method.Invoke(requests, messages, call.Call);
            }
            catch (EtcdFault refusal)
            {
                fault = refusal;
            }
            catch (OperationCanceledException) when (call.IsOverdue)
            {
                fault = EtcdFaults.Deadline();
            }
            catch (OperationCanceledException)
            {
                // The client is gone.
            }
        }

        await EndAsync(socket, messages, fault);
        await unread.CancelAsync();

        // Also a client that does not say good-bye is let go.
        using var patience = new CancellationTokenSource(Farewell, time);
        await using var cut = patience.Token.UnsafeRegister(static state => ((WebSocket)state!).Abort(), socket);
        await receiving;
    }

    /// <summary>A client that closes its side has no use for answers any more.</summary>
    private static async Task ReceiveAsync(SocketMessages messages, CancellationTokenSource gone, CancellationToken unread)
    {
        await messages.ReceiveAsync(unread);
        await gone.CancelAsync();
    }

    private async Task EndAsync(WebSocket socket, SocketMessages messages, EtcdFault? fault)
    {
        using var patience = new CancellationTokenSource(Farewell, time);
        try
        {
            if (fault is not null && socket.State == WebSocketState.Open)
            {
                await messages.FailAsync(fault, patience.Token);
            }

            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(StatusOf(fault), null, patience.Token);
            }
        }
        catch (Exception broken) when (broken is WebSocketException or OperationCanceledException)
        {
            // There is nobody to say it to.
        }
    }

    private static WebSocketCloseStatus StatusOf(EtcdFault? fault) => fault?.Code switch
    {
        null => WebSocketCloseStatus.NormalClosure,
        GrpcCode.Unavailable => WebSocketCloseStatus.EndpointUnavailable,
        GrpcCode.InvalidArgument => WebSocketCloseStatus.InvalidPayloadData,
        _ => WebSocketCloseStatus.PolicyViolation,
    };

    /// <summary>As etcd has it, the Authorization header is of no account here.</summary>
    private static string? TokenOf(WebSocketManager sockets)
    {
        var offered = sockets.WebSocketRequestedProtocols;
        var at = offered.IndexOf(Bearer);
        return at >= 0 && at + 1 < offered.Count ? offered[at + 1] : null;
    }
}

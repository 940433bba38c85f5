using Microsoft.AspNetCore.Connections.Features;

namespace RestKv.Api.Peers;

/// <summary>How a connection that came in begins: its hello is read and judged before anything else of it is believed.</summary>
internal static class PeerGreeting
{
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Null when the caller was refused, and told so.</summary>
    /// <param name="isForSnapshot">Whether the path is the one of snapshots; the purpose must agree.</param>
    public static async ValueTask<PeerHello?> ReceiveAsync(
        HttpContext context, PeerFrameReader reader, bool isForSnapshot, PeerNet net, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(HelloTimeout);
        if (!await reader.ReadAsync(patience.Token))
        {
            if (reader.Fault != PeerFault.EndedInFrame)
            {
                Cut(context, net, reader.Fault == PeerFault.None ? "nothing" : reader.Fault.ToString());
            }

            return null;
        }

        if (!PeerHello.TryDecode(reader.Payload, out var hello, out var fault)
            || isForSnapshot != (hello.Purpose == PeerPurpose.Snapshot))
        {
            net.ReportGarbage(RemoteOf(context), fault);
            await RefuseAsync(context, StatusCodes.Status400BadRequest, fault, cancellationToken);
            return null;
        }

        if (Judge(hello, net) is { } refusal)
        {
            net.ReportRefusal(RemoteOf(context), refusal.Reason);
            context.Response.Headers[PeerRefusal.HeaderName] = refusal.HeaderValue;
            await RefuseAsync(context, StatusCodes.Status409Conflict, refusal.Reason, cancellationToken);
            return null;
        }

        PeerLog.Accepted(net.Logger, hello.From.ToString(), RemoteOf(context), hello.Purpose, hello.Incarnation);
        context.Response.StatusCode = StatusCodes.Status200OK;
        await context.Response.StartAsync(cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
        return hello;
    }

    private static PeerRefusal? Judge(PeerHello hello, PeerNet net)
    {
        var reason = hello.Refuse(net.Self, net.Directory) ?? net.Standing.Loss?.Reason;
        return reason is null ? net.Memory.Judge(hello, e => net.Post(e)) : PeerRefusal.Stranger(reason);
    }

    /// <summary>Closes the whole connection, not only its one stream: whoever sends garbage is no member.</summary>
    public static void Cut(HttpContext context, PeerNet net, string what)
    {
        net.ReportGarbage(RemoteOf(context), what);
        context.Abort();
        context.Features.Get<IConnectionLifetimeFeature>()?.Abort();
    }

    private static string RemoteOf(HttpContext context) =>
        $"{context.Connection.RemoteIpAddress}:{context.Connection.RemotePort}";

    /// <summary>Says why nothing is taken from the caller.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string reason, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason, cancellationToken);
    }
}

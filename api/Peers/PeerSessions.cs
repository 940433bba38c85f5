using System.Collections.Concurrent;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>
/// The streams that came in, one for each peer and purpose: a newer one takes the place of an older one. The end of the one that
/// counts is a sign that the peer is gone, and is passed on at once.
/// </summary>
internal sealed class PeerSessions(PeerNet net, Action<PeerHello> onAccepted)
{
    private readonly ConcurrentDictionary<(NodeId Peer, PeerPurpose Purpose), HttpContext> _current = new();

    /// <summary>Runs as long as the stream does.</summary>
    public async Task ServeAsync(HttpContext context, CancellationToken stop)
    {
        using var life = CancellationTokenSource.CreateLinkedTokenSource(stop, context.RequestAborted);
        var reader = new PeerFrameReader(context.Request.Body);
        if (await PeerGreeting.ReceiveAsync(context, reader, isForSnapshot: false, net, life.Token) is not { } hello)
        {
            return;
        }

        var key = (hello.From, hello.Purpose);
        net.Memory.Opened(hello, e => net.Post(e));
        Enter(key, context);
        onAccepted(hello);
        var reason = "it closed the connection";
        try
        {
            await ReadAsync(context, reader, hello, life.Token);
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            reason = fault.Message;
        }
        finally
        {
            net.Memory.Closed(hello, e => net.Post(e));
            if (_current.TryRemove(KeyValuePair.Create(key, context)) && !stop.IsCancellationRequested)
            {
                PeerLog.Ended(net.Logger, hello.From.ToString(), hello.Purpose, reason);
                net.ReportLoss(hello.From);
            }
        }
    }

    private void Enter((NodeId, PeerPurpose) key, HttpContext context)
    {
        HttpContext? replaced = null;
        _current.AddOrUpdate(key, context, (_, older) =>
        {
            replaced = older;
            return context;
        });
        replaced?.Abort();
    }

    private async Task ReadAsync(HttpContext context, PeerFrameReader reader, PeerHello hello, CancellationToken cancellationToken)
    {
        var counters = net.CountersOf(hello.From);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!MessageCodec.TryDecode(reader.Payload, out var message, out var fault))
            {
                PeerGreeting.Cut(context, net, $"a message that is {fault}");
                return;
            }

            if (message.From != hello.From || message.To != net.Self.Member)
            {
                PeerGreeting.Cut(context, net, $"a message from {message.From} to {message.To} as member {hello.From}");
                return;
            }

            counters.Received(reader.FrameBytes);
            if (!net.Memory.Note(hello, message))
            {
                // The tail of a start that another one has followed.
                return;
            }

            net.Post(message);
        }

        if (reader.Fault is not (PeerFault.None or PeerFault.EndedInFrame))
        {
            PeerGreeting.Cut(context, net, $"a frame with {reader.Fault}");
        }
    }
}

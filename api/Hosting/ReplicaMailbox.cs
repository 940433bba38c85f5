using System.Collections.Concurrent;
using RestKv.Core.Commands;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Api.Hosting;

/// <summary>
/// What waits for the replica thread: many writers, one reader, drained in batches. Client requests are bounded by count and
/// by bytes and refused beyond; the replica's own events (disk, ticks, peers) always fit, for they are bounded by nature.
/// </summary>
internal sealed class ReplicaMailbox : IDisposable
{
    private const int RequestsMax = 65_536;
    private const long BytesMax = 128L << 20;

    /// <summary>Far more than peers that keep to their windows have on the way.</summary>
    private const int PeerMessagesMax = 262_144;
    private readonly ConcurrentQueue<ReplicaEvent> _queue = new();
    private readonly Doorbell _bell = new();
    private readonly Func<bool> _hasWork;
    private int _requests;
    private long _bytes;
    private int _peerMessages;
    private volatile bool _isClosed;

    public ReplicaMailbox() => _hasWork = () => !_queue.IsEmpty;

    /// <summary>Adds a client's request; false when the mailbox is full.</summary>
    public bool TryPost(in ReplicaEvent request)
    {
        var size = request.Payload?.Length ?? 0;
        if (Volatile.Read(ref _requests) >= RequestsMax || Volatile.Read(ref _bytes) + size > BytesMax)
        {
            return false;
        }

        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _bytes, size);
        Post(request);
        return true;
    }

    /// <summary>Adds a peer's message; false when the replica is so far behind that another one only makes it worse.</summary>
    public bool TryPostPeer(in Message message)
    {
        if (Volatile.Read(ref _peerMessages) >= PeerMessagesMax)
        {
            return false;
        }

        Interlocked.Increment(ref _peerMessages);
        Post(ReplicaEvent.FromPeer(message));
        return true;
    }

    public void Post(in ReplicaEvent e)
    {
        _queue.Enqueue(e);

        // Has a full barrier: either whoever closes finds what was just added, or it is seen here that the mailbox is closed.
        _bell.Ring();
        if (_isClosed)
        {
            RefuseAll();
        }
    }

    /// <summary>
    /// The reader takes nothing more: whoever waits here, or comes later, is told at once that it was not applied.
    /// </summary>
    public void Close()
    {
        _isClosed = true;
        Interlocked.MemoryBarrier();
        RefuseAll();
    }

    public bool TryTake(out ReplicaEvent e)
    {
        if (!_queue.TryDequeue(out e))
        {
            return false;
        }

        if (e.Kind is ReplicaEventKind.Submit or ReplicaEventKind.Read or ReplicaEventKind.Renew)
        {
            Interlocked.Decrement(ref _requests);
            Interlocked.Add(ref _bytes, -(e.Payload?.Length ?? 0));
        }
        else if (e.Kind is ReplicaEventKind.Peer)
        {
            Interlocked.Decrement(ref _peerMessages);
        }

        return true;
    }

    /// <summary>Sleeps until something is posted or the time is over. Only the reader calls this.</summary>
    public void Wait(int timeoutMs) => _bell.Sleep(_hasWork, timeoutMs);

    public void Dispose() => _bell.Dispose();

    /// <summary>Each is taken by one, however many do this at once.</summary>
    private void RefuseAll()
    {
        var refused = new List<PendingOperation>();
        while (TryTake(out var e))
        {
            if (e.Token is PendingOperation operation)
            {
                operation.Settle(new OperationResult.NotApplied(NotAppliedReason.ShuttingDown), false);
                refused.Add(operation);
            }
        }

        CompletionBatch.Release(refused);
    }
}

using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>
/// Everything that goes to one peer: two streams on two connections, so that a heartbeat is never behind a megabyte of entries,
/// neither here nor in the buffers of the system.
/// </summary>
internal sealed class PeerLink : IDisposable
{
    private const int UrgentMessagesMax = 4096;
    private const long UrgentBytesMax = 4 << 20;
    private const int BulkMessagesMax = 65_536;

    /// <summary>Consensus has 8 MiB in flight to a follower at most; the rest is for forwarded commands.</summary>
    private const long BulkBytesMax = 64 << 20;

    private readonly PeerStream _urgent;
    private readonly PeerStream _bulk;

    public PeerLink(PeerNet net, NodeId peer)
    {
        Peer = peer;
        Counters = net.CountersOf(peer);
        _urgent = new PeerStream(net, peer, PeerPurpose.Urgent, new PeerOutbox(UrgentMessagesMax, UrgentBytesMax));
        _bulk = new PeerStream(net, peer, PeerPurpose.Bulk, new PeerOutbox(BulkMessagesMax, BulkBytesMax));
    }

    public NodeId Peer { get; }

    public PeerCounters Counters { get; }

    public bool IsConnected => _urgent.IsConnected && _bulk.IsConnected;

    public long Dropped => _urgent.Outbox.Dropped + _bulk.Outbox.Dropped;

    public long Lost => _urgent.Outbox.Lost + _bulk.Outbox.Lost;

    public void Start()
    {
        _urgent.Start();
        _bulk.Start();
    }

    /// <summary>Never blocks; lost when there is no connection.</summary>
    public void Send(in Message message)
    {
        // All appends one behind the other, the empty ones too: one that overtakes its predecessor would be rejected.
        var isBulk = message.Kind == MessageKind.Append || message.Entries is not null;
        (isBulk ? _bulk : _urgent).Outbox.Add(message);
    }

    public void Hurry()
    {
        _urgent.Hurry();
        _bulk.Hurry();
    }

    public void BeginStop()
    {
        _urgent.BeginStop();
        _bulk.BeginStop();
    }

    public Task StopAsync() => Task.WhenAll(_urgent.StopAsync(), _bulk.StopAsync());

    public void Dispose()
    {
        _urgent.Dispose();
        _bulk.Dispose();
    }
}

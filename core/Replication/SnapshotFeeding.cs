using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// Followers whose next entry has left the window: those that wait until there is a snapshot good enough, and those that
/// one is on its way to. Owned by the replica thread.
/// </summary>
internal sealed class SnapshotFeeding
{
    private readonly List<NodeId> _waiting = [];
    private readonly List<(NodeId Peer, LogIndex Index)> _sending = [];

    public bool IsAnyoneWaiting => _waiting.Count > 0;

    /// <summary>Asked for once more while one is on its way: the end of that will be news enough.</summary>
    public void Need(NodeId peer)
    {
        if (!_waiting.Contains(peer) && !_sending.Exists(sending => sending.Peer == peer))
        {
            _waiting.Add(peer);
        }
    }

    /// <summary>Takes out all who wait.</summary>
    public NodeId[] TakeWaiting()
    {
        var all = _waiting.ToArray();
        _waiting.Clear();
        return all;
    }

    /// <param name="index">The snapshot reaches at least so far: from here on the follower will need entries.</param>
    public void Started(NodeId peer, LogIndex index) => _sending.Add((peer, index));

    public void Ended(NodeId peer) => _sending.RemoveAll(sending => sending.Peer == peer);

    /// <summary>How far the window may shrink, given the newest snapshot.</summary>
    public LogIndex Covered(LogIndex newest)
    {
        foreach (var (_, index) in _sending)
        {
            newest = index < newest ? index : newest;
        }

        return newest;
    }
}

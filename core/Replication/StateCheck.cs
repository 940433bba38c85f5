using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// Compares the members' states at one place of the log. The leader marks a place; every member reports, through the log, what
/// its state hashed to there; a member that differs from a majority of the voters knows that it is the one that is wrong. Needs
/// no leader to be right, and no member can compare at different places. Owned by the replica thread.
/// </summary>
internal sealed class StateCheck(Func<Membership> membership) : IStateChecks
{
    private readonly SortedDictionary<NodeId, ulong> _reports = [];
    private long _markedIndex;
    private ulong _own;
    private bool _isReportDue;

    /// <summary>True once this member was outvoted. Never false again: a restart rebuilds the state and finds out anew.</summary>
    public bool HasDiverged { get; private set; }

    /// <summary>Comparisons in which a majority agreed with this member.</summary>
    public long Agreements { get; private set; }

    /// <summary>Revision at the last mark: without a change since then there is nothing new to compare.</summary>
    public long MarkedRevision { get; private set; } = -1;

    public void Marked(long index, long revision, ulong digest)
    {
        _markedIndex = index;
        MarkedRevision = revision;
        _own = digest;
        _isReportDue = true;
        _reports.Clear();
    }

    /// <summary>What this member has to tell of the last mark, once.</summary>
    public bool TryTakeReport(out long index, out ulong digest)
    {
        (index, digest) = (_markedIndex, _own);
        var isDue = _isReportDue;
        _isReportDue = false;
        return isDue;
    }

    /// <summary>Reports for another mark than the last one applied here are of no use.</summary>
    public void Reported(NodeId member, long index, ulong digest)
    {
        var present = membership();
        if (index != _markedIndex || !present.IsVoter(member) || !_reports.TryAdd(member, digest))
        {
            return;
        }

        var count = 0;
        foreach (var other in _reports.Values)
        {
            count += other == digest ? 1 : 0;
        }

        if (count == present.Quorum)
        {
            HasDiverged |= digest != _own;
            Agreements += digest == _own ? 1 : 0;
        }
    }
}

using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// Cluster time as its leader tells it: the highest value in the log when it was elected, plus its monotonic time since.
/// Runs only from the moment the leader has applied an entry of its own term, for only then has it applied everything
/// that was logged before; until then cluster time stands still, so nothing can be early. Owned by the replica thread.
/// </summary>
internal sealed class LeaderClock
{
    private Term _leading;
    private bool _isLeader;
    private long _baseMs;
    private long _sinceMs;

    public bool IsRunning { get; private set; }

    public void RoleChanged(in RoleChange change)
    {
        if (change.Role == RaftRole.Leader && _isLeader && change.Term == _leading)
        {
            return;
        }

        _isLeader = change.Role == RaftRole.Leader;
        _leading = change.Term;
        IsRunning = false;
    }

    /// <summary>An entry was applied: if it is the first of the own term, time starts.</summary>
    public void Applied(Term term, Moment now, long clusterTimeMs)
    {
        if (_isLeader && !IsRunning && term == _leading)
        {
            IsRunning = true;
            _baseMs = clusterTimeMs;
            _sinceMs = now.MonotonicMs + (Defects.Has(Defect.HoldTimeAfterElection) ? 4000 : 0);
        }
    }

    /// <summary>What to stamp on a proposal; <paramref name="appliedMs"/> is the machine's cluster time.</summary>
    public long Read(Moment now, long appliedMs) =>
        IsRunning ? Math.Max(appliedMs, _baseMs + (now.MonotonicMs - _sinceMs)) : appliedMs;
}

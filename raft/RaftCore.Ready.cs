namespace RestKv.Raft;

/// <summary>
/// What leaves the machine, and what the disk says to it. Batches for the disk are numbered; a promise leaves with the
/// number of the batch that makes it true.
/// </summary>
public sealed partial class RaftCore
{
    private readonly List<Message> _sendNow = [];
    private readonly List<Message> _sendAfterPersist = [];
    private readonly List<ReadState> _readStates = [];
    private readonly List<NodeId> _needSnapshot = [];

    private RoleChange? _reported;
    private SnapshotMark? _snapshot;

    /// <summary>Number of the newest batch, and of the newest one that is durable.</summary>
    private PersistMark _batch;
    private long _durable;

    /// <summary>The batch that holds the current term and vote; one that is still to come when they have just changed.</summary>
    private long _hardStateBatch;

    private LogIndex _commitWritten;

    /// <summary>Since when the disk owes an answer without having given any.</summary>
    private long _diskBusySince;

    /// <summary>Whether <see cref="CollectReady"/> has anything to say.</summary>
    public bool HasReady =>
        _appendsDue || _sendNow.Count > 0 || _sendAfterPersist.Count > 0 || _log.Persisting < _log.Last
        || _log.Handed < _log.Applicable || _hardStateBatch > _batch.Sequence || _readStates.Count > 0
        || CanStartRound || _needSnapshot.Count > 0 || _snapshot is not null || RoleIsNews;

    private long NextSequence => _batch.Sequence + 1;

    private bool HardStateIsDurable => _durable >= _hardStateBatch;

    private bool DiskIsStuck => _durable < _batch.Sequence && _now - _diskBusySince >= _config.ElectionTicksMax;

    private bool RoleIsNews => _reported is not { } last || last.Role != _role || last.Term != _term || last.Leader != _leader;

    /// <summary>Moves everything waiting into <paramref name="into"/>, which is cleared first.</summary>
    public void CollectReady(Ready into)
    {
        into.Clear();

        // 1. What was put off so that one drain of events makes one message per follower.
        if (CanStartRound)
        {
            StartRound();
        }

        if (_appendsDue)
        {
            SendAppends();
        }

        // 2. For the machine.
        _log.HandOut(into.Committed, _config.CommittedEntriesMax);
        Move(_readStates, into.Reads);
        if (RoleIsNews)
        {
            into.Role = _reported = new RoleChange(_role, _term, _leader);
        }

        // 3. For the disk, before the promises that hang on it.
        CollectBatch(into);

        // 4. For the peers. With nothing on its way to the disk there is nothing to wait for.
        Move(_sendNow, into.SendNow);
        Move(_sendAfterPersist, _durable == _batch.Sequence ? into.SendNow : into.SendAfterPersist);
        Move(_needSnapshot, into.NeedSnapshot);
    }

    /// <summary>The disk has made a batch durable, and with it all batches before.</summary>
    public void Persisted(in PersistMark mark)
    {
        Invariant.Check(mark.Sequence <= _batch.Sequence);
        if (mark.Sequence <= _durable)
        {
            return;
        }

        _durable = mark.Sequence;
        _diskBusySince = _now;
        var logGrew = _log.DiskConfirmed(mark);
        CountOwnVoteOnceDurable();
        if (logGrew && _role == RaftRole.Leader)
        {
            AdvanceCommit();
        }
    }

    private static void Move<T>(List<T> from, List<T> to)
    {
        if (from.Count > 0)
        {
            to.AddRange(from);
            from.Clear();
        }
    }

    private void CollectBatch(Ready into)
    {
        var hasEntries = _log.Persisting < _log.Last;
        var hasHardState = _hardStateBatch > _batch.Sequence;
        into.NeedsFlush = hasEntries || hasHardState || _snapshot is not null;
        if (into.NeedsFlush)
        {
            // The commit index is a hint for recovery: it rides along and never causes a write of its own.
            if (Defects.Has(Defect.ForgetVote))
            {
                into.HardState = new HardState(_term, NodeId.None, _log.Committed);
            }
            else if (hasHardState || _commitWritten != _log.Committed)
            {
                into.HardState = new HardState(_term, _vote, _log.Committed);
                _commitWritten = _log.Committed;
            }

            _log.CopyTo(into.Entries, _log.Persisting.Next, _log.Last);
            _log.HandedToDisk();
            into.Snapshot = _snapshot;
            _snapshot = null;
            if (_durable == _batch.Sequence)
            {
                _diskBusySince = _now;
            }

            _batch = new PersistMark(NextSequence, _log.Last, _log.LastTerm);
        }

        into.Mark = _batch;
    }

    /// <summary>
    /// For messages that promise nothing about the log. A slow disk must not look like a dead member, so they wait only
    /// while the term in them is not durable.
    /// </summary>
    private void Send(in Message message) => (HardStateIsDurable ? _sendNow : _sendAfterPersist).Add(message);

    private void HardStateChanged() => _hardStateBatch = NextSequence;
}

namespace RestKv.Raft;

/// <summary>The leader's side of replication: append, acknowledgement, commit, fallback to a snapshot (sections 5.3, 5.4, 7).</summary>
public sealed partial class RaftCore
{
    /// <summary>What an entry costs besides its payload: keeps a flood of empty commands bounded, too.</summary>
    private const int EntryOverheadBytes = 64;

    /// <summary>The other members, while this one leads.</summary>
    private Progress[] _peers = [];

    /// <summary>Members that came back without what they had promised.</summary>
    private readonly HashSet<NodeId> _forgetful = [];

    /// <summary>Index of the no-op that opened this leadership; from it on, entries are of this term.</summary>
    private LogIndex _termStart;

    private long _uncommittedBytes;

    /// <summary>Something happened that may let an append out; they are made when the Ready is collected, all at once.</summary>
    private bool _appendsDue;

    /// <summary>The append made last: followers in step get the same entries, so they share one array.</summary>
    private (LogIndex First, LogIndex Last, Entry[] Entries) _lastSlice = (LogIndex.Zero, LogIndex.Zero, []);

    /// <summary>Whether this leader has committed an entry of its own term, before which it knows no commit index.</summary>
    private bool HasCommittedInTerm => _role == RaftRole.Leader && _log.Committed >= _termStart;

    /// <summary>A snapshot sent to a peer arrived or failed; a failed one is asked for again after a sign of life.</summary>
    public void SnapshotOutcome(NodeId peer, bool delivered)
    {
        if (_role == RaftRole.Leader && FindPeer(peer) is { } progress)
        {
            progress.SnapshotEnded(delivered, _log.Offset.Next);
            _appendsDue = true;
        }
    }

    /// <summary>
    /// The peer has lost what it promised in this life of ours or before: from now on nothing that it says counts, and what
    /// it said does not count any more for entries that are not committed yet.
    /// </summary>
    public void PeerForgot(NodeId peer)
    {
        if (peer == _self || !_forgetful.Add(peer))
        {
            return;
        }

        FindPeer(peer)?.Forget();
        if (_transferTarget == peer)
        {
            _transferTarget = NodeId.None;
        }
    }

    /// <summary>
    /// The peer came back with a disk that knows all it had promised, so it was a copy that had not: it counts again from what
    /// it will say.
    /// </summary>
    public void PeerRemembered(NodeId peer) => _forgetful.Remove(peer);

    private static long CostOf(int payloadLength) => payloadLength + EntryOverheadBytes;

    private LogIndex AppendOwn(EntryKind kind, ReadOnlyMemory<byte> payload)
    {
        var index = _log.Last.Next;
        _log.Append(new Entry(index, _term, kind, payload));
        _uncommittedBytes += CostOf(payload.Length);
        _appendsDue = true;
        return index;
    }

    private void SendHeartbeats(bool learnersToo)
    {
        foreach (var peer in _peers)
        {
            if (peer.IsVoter || learnersToo)
            {
                _sendNow.Add(Make(MessageKind.Heartbeat, peer.Id) with
                {
                    // Bounded by what the follower is known to hold, so that it never commits what it may not have.
                    Commit = peer.Match < _log.Committed ? peer.Match : _log.Committed,
                    Round = new ReadId(_rounds.Latest),
                    Held = _log.Persisted,
                });
            }
        }
    }

    private void SendAppends()
    {
        _appendsDue = false;
        foreach (var peer in _peers)
        {
            // Bounded by the window: each pass with entries fills it, and each without is the last.
            while (peer.WantsAppend(_log.Last, _log.Committed) && TrySendAppend(peer))
            {
            }
        }

        _lastSlice = (LogIndex.Zero, LogIndex.Zero, []);
    }

    /// <summary>Sends one append; false when nothing more can follow it now.</summary>
    private bool TrySendAppend(Progress peer)
    {
        var before = peer.Next.Previous;
        if (!_log.TryTermAt(before, out var term))
        {
            peer.BecomeSnapshot();
            _needSnapshot.Add(peer.Id);
            return false;
        }

        var bytes = 0;
        var entries = peer.CanTakeEntries(_log.Last) ? SliceFrom(peer.Next, out bytes) : [];
        var lastSent = new LogIndex(before.Value + entries.Length);
        var commit = _log.Committed < lastSent ? _log.Committed : lastSent;
        _sendNow.Add(Make(MessageKind.Append, peer.Id) with
        {
            Index = before,
            LogTerm = term,
            Commit = commit,
            Held = _log.Persisted,
            Entries = entries,
        });
        peer.Sent(lastSent, bytes, commit);
        return entries.Length > 0;
    }

    /// <summary>Entries from <paramref name="first"/> on, as many as one message may hold.</summary>
    private Entry[] SliceFrom(LogIndex first, out int bytes)
    {
        var limit = Math.Min(_log.Last.Value, first.Value + _config.AppendEntriesMax - 1);
        var last = first;
        bytes = _log.PayloadLength(first);
        while (last.Value < limit)
        {
            var more = bytes + (long)_log.PayloadLength(last.Next);
            if (more > _config.AppendBytesMax)
            {
                break;
            }

            bytes = (int)more;
            last = last.Next;
        }

        if (_lastSlice.First != first || _lastSlice.Last != last)
        {
            _lastSlice = (first, last, _log.Slice(first, last));
        }

        return _lastSlice.Entries;
    }

    private void HandleAppendReply(in Message message)
    {
        if (_role != RaftRole.Leader || FindPeer(message.From) is not { } peer)
        {
            return;
        }

        peer.LastHeard = _now;
        if (message.Reject)
        {
            var agreed = _log.LastIndexWithin(message.HintIndex, message.HintTerm);
            _appendsDue |= peer.Rejected(message.Index, agreed);
        }
        else
        {
            HandleMatch(peer, message.Index);
        }
    }

    private void HandleSnapshotReply(in Message message)
    {
        if (_role == RaftRole.Leader && FindPeer(message.From) is { } peer)
        {
            // What a snapshot holds is committed, hence in our log: the follower matches us up to it.
            peer.LastHeard = _now;
            HandleMatch(peer, message.Index);
        }
    }

    private void HandleHeartbeatReply(in Message message)
    {
        if (_role != RaftRole.Leader || FindPeer(message.From) is not { } peer)
        {
            return;
        }

        peer.LastHeard = _now;
        peer.HeartbeatAnswered(message.Round.Value <= _rounds.Latest ? message.Round.Value : 0);
        _appendsDue = true;
        ConfirmReads();
    }

    private void HandleMatch(Progress peer, LogIndex index)
    {
        if (index > _log.Last || !peer.Acked(index, _log.Offset.Next))
        {
            return;
        }

        _appendsDue = true;
        AdvanceCommit();
        if (_role == RaftRole.Leader)
        {
            CompleteTransfer(peer);
        }
    }

    /// <summary>
    /// Commits what a majority of voters has on disk, this member counting with what its own disk has confirmed. Only an
    /// entry of this term is counted; it takes all before it along (section 5.4.2).
    /// </summary>
    private void AdvanceCommit()
    {
        Span<long> held = stackalloc long[Membership.MembersMax];
        var count = 0;
        if (IsVoter)
        {
            held[count++] = Defects.Has(Defect.CommitBeforeOwnFlush) ? _log.Last.Value : _log.Persisted.Value;
        }

        foreach (var peer in _peers)
        {
            if (peer.IsVoter || Defects.Has(Defect.CountLearners))
            {
                held[count++] = peer.Match.Value;
            }
        }

        var reached = new LogIndex(Quorum.Reached(held[..count]));
        if (reached <= _log.Committed || (reached < _termStart && !Defects.Has(Defect.CommitOldTermByCounting)))
        {
            return;
        }

        for (var index = _log.Committed.Next; index <= reached; index = index.Next)
        {
            _uncommittedBytes -= CostOf(_log.PayloadLength(index));
        }

        Invariant.Check(_uncommittedBytes >= 0);
        _log.CommitTo(reached);
        if (_memberships.CommittedTo(reached))
        {
            MembershipChanged();
        }

        _appendsDue = true;
        LeaveIfRemoved();
    }

    private Progress? FindPeer(NodeId id)
    {
        foreach (var peer in _peers)
        {
            if (peer.Id == id)
            {
                return peer;
            }
        }

        return null;
    }
}

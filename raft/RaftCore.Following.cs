namespace RestKv.Raft;

/// <summary>The follower's side of replication (section 5.3), and installed snapshots (section 7).</summary>
public sealed partial class RaftCore
{
    /// <summary>
    /// Whether a snapshot would bring this member anything. Ask right before the state is swapped: meanwhile the log may
    /// have got there by itself, and then dropping it would take back entries that were acknowledged.
    /// </summary>
    public bool WantsSnapshot(SnapshotMark mark) =>
        mark.Index > _log.Committed && !_log.Matches(mark.Index, mark.Term);

    /// <summary>
    /// A snapshot received from the leader is durable and loaded: the log restarts after it. The next Ready carries it
    /// for the log on disk, and the answer to the leader waits for that.
    /// </summary>
    public void SnapshotInstalled(SnapshotMark mark)
    {
        Invariant.Check(WantsSnapshot(mark));
        if (mark.Term > _term)
        {
            BecomeFollower(mark.Term, NodeId.None);
        }

        Invariant.Check(_role != RaftRole.Leader);
        _log.RestartAfter(mark.Index, mark.Term, NextSequence);
        _memberships.Reset(mark.Index, Defects.Has(Defect.InstallKeepsMembership) ? Membership : mark.Membership);
        _snapshot = mark;
        MembershipChanged();
        if (!_leader.IsNone)
        {
            _sendAfterPersist.Add(Make(MessageKind.SnapshotReply, _leader) with { Index = mark.Index });
        }
    }

    /// <summary>Recognises the sender as leader of this term; false when that cannot be.</summary>
    private bool TryFollow(NodeId leader)
    {
        if (_role == RaftRole.Leader || (!_leader.IsNone && _leader != leader))
        {
            // Two leaders in one term: election safety says that one of them does not exist. Believe the one we know.
            return false;
        }

        if (_role is RaftRole.Candidate or RaftRole.PreCandidate || _leader.IsNone)
        {
            BecomeFollower(_term, leader);
        }

        _electionElapsed = 0;
        return true;
    }

    private void HandleAppend(in Message message)
    {
        if (!TryFollow(message.From))
        {
            return;
        }

        if (message.Index < _log.Committed)
        {
            // An old message: everything up to our commit index is the leader's log anyway.
            Acknowledge(message.From, _log.Committed);
            return;
        }

        if (!_log.Matches(message.Index, message.LogTerm))
        {
            RejectAppend(message);
            return;
        }

        var last = message.Index;
        if (message.Entries is { } entries)
        {
            for (var i = 0; i < entries.Count; i++)
            {
                AppendReceived(entries[i]);
                last = entries[i].Index;
            }
        }

        CommitUpTo(message.Commit < last ? message.Commit : last);
        Acknowledge(message.From, last);
    }

    private void AppendReceived(in Entry entry)
    {
        if (_log.Matches(entry.Index, entry.Term))
        {
            return;
        }

        if (entry.Index <= _log.Last)
        {
            _log.TruncateFrom(entry.Index, NextSequence);
            if (_memberships.TruncateFrom(entry.Index))
            {
                MembershipChanged();
            }
        }

        _log.Append(entry);
        if (entry.Kind == EntryKind.Membership)
        {
            Invariant.Check(Membership.TryDecode(entry.Payload.Span, out var membership));
            _memberships.Add(entry.Index, membership);
            MembershipChanged();
        }
    }

    /// <summary>Says where the logs may still agree, so that the leader skips a term at a time and not an entry.</summary>
    private void RejectAppend(in Message message)
    {
        var hint = _log.LastIndexWithin(message.Index, message.LogTerm);
        _log.TryTermAt(hint, out var hintTerm);
        _sendAfterPersist.Add(Make(MessageKind.AppendReply, message.From) with
        {
            Reject = true,
            Index = message.Index,
            HintIndex = hint,
            HintTerm = hintTerm,
        });
    }

    /// <summary>The promise that our disk holds the leader's log up to an index; it leaves when that is so.</summary>
    private void Acknowledge(NodeId leader, LogIndex index) =>
        (Defects.Has(Defect.AckBeforeFlush) ? _sendNow : _sendAfterPersist).Add(
            Make(MessageKind.AppendReply, leader) with { Index = index });

    private void HandleHeartbeat(in Message message)
    {
        if (!TryFollow(message.From))
        {
            return;
        }

        CommitUpTo(message.Commit < _log.Last ? message.Commit : _log.Last);
        Send(Make(MessageKind.HeartbeatReply, message.From) with { Round = message.Round });
    }

    private void CommitUpTo(LogIndex index)
    {
        if (index > _log.Committed)
        {
            _log.CommitTo(index);
            _memberships.CommittedTo(index);
            _role = IdleRole;
        }
    }
}

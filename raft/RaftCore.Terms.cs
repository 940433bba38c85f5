namespace RestKv.Raft;

/// <summary>What terms do to this member, and how it takes up and gives up its roles (section 5.1).</summary>
public sealed partial class RaftCore
{
    /// <summary>Decides what a higher term does to us; false when the message is to be ignored.</summary>
    private bool EnterTermOf(in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.PreVote:
            case MessageKind.PreVoteReply when !message.Reject:
                // The term in these is only one that somebody thinks of campaigning in.
                return true;
            case MessageKind.Vote when IsSticky && !message.Transfer:
                return false;
            case MessageKind.Append:
            case MessageKind.Heartbeat:
                BecomeFollower(message.Term, message.From);
                return true;
            case MessageKind.None:
                return false;
            default:
                BecomeFollower(message.Term, NodeId.None);
                return true;
        }
    }

    private void AnswerOldTerm(in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Append:
            case MessageKind.Heartbeat:
                // A leader of an old term has to hear of ours, or this member, whose pre-votes the leader's followers
                // turn down, could never rejoin.
                _sendAfterPersist.Add(Make(MessageKind.AppendReply, message.From) with
                {
                    Reject = true,
                    Index = message.Index,
                });
                break;
            case MessageKind.PreVote:
                _sendAfterPersist.Add(Make(MessageKind.PreVoteReply, message.From) with { Reject = true });
                break;
            default:
                break;
        }
    }

    private void BecomeFollower(Term term, NodeId leader)
    {
        if (_role == RaftRole.Leader)
        {
            EndLeadership();
        }

        if (term != _term)
        {
            SetTerm(term, NodeId.None);
        }

        SetLeader(leader);
        _role = IdleRole;
        ResetElectionTimer();
    }

    private void StepDown() => BecomeFollower(_term, NodeId.None);

    private void BecomeLeader()
    {
        Invariant.Check(HardStateIsDurable);
        _role = RaftRole.Leader;
        SetLeader(_self);
        _heartbeatElapsed = 0;
        _termStart = _log.Last.Next;
        _uncommittedBytes = 0;
        for (var index = _log.Committed.Next; index <= _log.Last; index = index.Next)
        {
            _uncommittedBytes += CostOf(_log.PayloadLength(index));
        }

        RebuildPeers();

        // Entries of former terms are committed only through one of this term (section 5.4.2).
        AppendOwn(EntryKind.Noop, default);
    }

    private void EndLeadership()
    {
        RefuseLeaderReads();
        _peers = [];
        _transferTarget = NodeId.None;
        _appendsDue = false;
    }

    private void SetTerm(Term term, NodeId vote)
    {
        Invariant.Check(term >= _term);
        if (term != _term || vote != _vote)
        {
            _term = term;
            _vote = vote;
            HardStateChanged();
        }
    }

    private void SetLeader(NodeId leader)
    {
        if (_leader != leader)
        {
            _leader = leader;
            RefuseRemoteReads();
        }
    }

    private void ResetElectionTimer()
    {
        _electionElapsed = 0;
        _electionTimeout = _config.ElectionTicksMin
            + _random.Next(_config.ElectionTicksMax - _config.ElectionTicksMin);
    }
}

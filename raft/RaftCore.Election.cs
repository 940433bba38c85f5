using System.Diagnostics;

namespace RestKv.Raft;

/// <summary>Elections: pre-vote, vote, stickiness to a live leader, check-quorum, leadership transfer (sections 5.2, 9.6).</summary>
public sealed partial class RaftCore
{
    /// <summary>Ballots of the election that goes on, in the order of the voters.</summary>
    private Ballot[] _ballots = [];

    private int _electionElapsed;
    private int _electionTimeout;
    private int _heartbeatElapsed;

    private NodeId _transferTarget;
    private long _transferStarted;

    /// <summary>Its state machine is wrong: it may vote and keep its log, but never lead. For the rest of this life.</summary>
    private bool _isUnfit;

    /// <summary>A leader that hands over: proposals are busy until the target leads or an election timeout has passed.</summary>
    public bool IsTransferring => !_transferTarget.IsNone;

    private bool IsVoter => _memberships.Current.IsVoter(_self);

    private bool IsLoneVoter => IsVoter && _memberships.Current.Voters.Length == 1;

    /// <summary>
    /// A member that its newest membership leaves out must still stand while that is uncommitted: those who lack the
    /// entry may need its vote and be refused it for their shorter logs (4.2.2 of the dissertation).
    /// </summary>
    private bool IsElectable =>
        IsVoter || (_memberships.CurrentIndex > _log.Committed && _memberships.Previous.IsVoter(_self));

    private RaftRole IdleRole => IsElectable ? RaftRole.Follower : RaftRole.Learner;

    /// <summary>
    /// A member whose disk is stuck could not persist its vote, let alone lead; and while the last term is still being
    /// written, a higher one would only start the wait anew.
    /// </summary>
    private bool MayCampaign => IsElectable && HardStateIsDurable && !DiskIsStuck && (!_isUnfit || IsLoneVoter);

    /// <summary>
    /// While a leader is heard, a higher term alone does not unseat it: a member that returns from a partition, or was
    /// removed and does not know, must not disturb the others (section 6 and 4.2.3 of the dissertation). A leader itself
    /// counts, because check-quorum makes it step down as soon as its followers are free to choose another.
    /// </summary>
    private bool IsSticky =>
        _role == RaftRole.Leader || (!_leader.IsNone && _electionElapsed < _config.ElectionTicksMin);

    /// <summary>
    /// Hands leadership to a voter as soon as its log is complete; proposals are busy meanwhile. None means the voter with
    /// the longest log.
    /// </summary>
    public void TransferLeadership(NodeId to)
    {
        if (_role == RaftRole.Leader && to.IsNone)
        {
            to = BestVoter()?.Id ?? NodeId.None;
        }

        if (_role != RaftRole.Leader || to == _self || FindPeer(to) is not { IsVoter: true } peer)
        {
            return;
        }

        _transferTarget = to;
        _transferStarted = _now;
        CompleteTransfer(peer);
        _appendsDue = true;
    }

    /// <summary>
    /// The state machine of this member is wrong: it hands over with the next tick if it leads, and stands no more. Its log is
    /// not at fault, so it goes on voting and acknowledging. A lone voter has nobody to hand over to.
    /// </summary>
    public void BecomeUnfit() => _isUnfit = true;

    /// <summary>
    /// The connection to a peer broke. If it was the leader, it is most likely dead: stickiness ends and an election
    /// follows within a few ticks, which the pre-vote calls off if only our connection broke.
    /// </summary>
    public void PeerLost(NodeId peer)
    {
        if (_role == RaftRole.Leader)
        {
            FindPeer(peer)?.ConnectionLost();
        }
        else if (!peer.IsNone && peer == _leader)
        {
            // All who survive hear of it in the same moment: by turns they do not split the vote, which would cost a whole
            // timeout. Two ticks apart, because the ticks of members are not in step.
            SetLeader(NodeId.None);
            var soon = 1 + (2 * TurnAfter(peer));
            _electionTimeout = Math.Min(_electionTimeout, _electionElapsed + soon);
        }
    }

    /// <summary>How many of the other surviving voters stand before this member: those with lower ids.</summary>
    private int TurnAfter(NodeId lost)
    {
        var before = 0;
        foreach (var voter in Membership.Voters)
        {
            before += voter != lost && voter.CompareTo(_self) < 0 ? 1 : 0;
        }

        return before;
    }

    private void TickLeader()
    {
        // 1. A leader that a majority has not answered for an election timeout may have been replaced already.
        if (QuorumHeardAt() <= _now - _config.ElectionTicksMin)
        {
            StepDown();
            return;
        }

        // 2. A leader that cannot write would hold everybody up, and one whose state is wrong would answer with it: let another
        // one try, if there is one.
        if ((DiskIsStuck || _isUnfit) && !IsLoneVoter)
        {
            HandOver();
            StepDown();
            return;
        }

        // 3. A transfer that takes longer than an election has failed.
        if (IsTransferring && _now - _transferStarted >= _config.ElectionTicksMin)
        {
            _transferTarget = NodeId.None;
        }

        if (++_heartbeatElapsed >= _config.HeartbeatTicks)
        {
            _heartbeatElapsed = 0;
            SendHeartbeats(learnersToo: true);
        }
    }

    /// <summary>The latest tick at which a majority had been heard; this member always hears itself.</summary>
    private long QuorumHeardAt()
    {
        Span<long> heard = stackalloc long[Membership.MembersMax];
        var count = 0;
        if (IsVoter)
        {
            heard[count++] = _now;
        }

        foreach (var peer in _peers)
        {
            if (peer.IsVoter)
            {
                heard[count++] = peer.LastHeard;
            }
        }

        return Quorum.Reached(heard[..count]);
    }

    /// <summary>Asks whether an election could be won, without disturbing anybody: the term stays.</summary>
    private void PreCampaign()
    {
        SetLeader(NodeId.None);
        _role = RaftRole.PreCandidate;
        StartBallots();
        foreach (var voter in _memberships.Current.Voters)
        {
            if (voter != _self)
            {
                _sendNow.Add(Make(MessageKind.PreVote, voter) with
                {
                    Term = _term.Next,
                    Index = _log.Last,
                    LogTerm = _log.LastTerm,
                });
            }
        }

        CountBallot(_self, granted: true);
    }

    /// <summary>
    /// Raises the term and asks for votes. The requests wait for the disk as the votes do: they claim our log, and were
    /// the term forgotten in a crash, grants of this campaign could elect a later, shorter life of this member.
    /// </summary>
    private void Campaign(bool transfer)
    {
        SetLeader(NodeId.None);
        _role = RaftRole.Candidate;
        SetTerm(_term.Next, _self);
        StartBallots();
        foreach (var voter in _memberships.Current.Voters)
        {
            if (voter != _self)
            {
                _sendAfterPersist.Add(Make(MessageKind.Vote, voter) with
                {
                    Index = _log.Last,
                    LogTerm = _log.LastTerm,
                    Transfer = transfer,
                });
            }
        }
    }

    private void StartBallots()
    {
        var voters = _memberships.Current.Voters.Length;
        _ballots = _ballots.Length == voters ? _ballots : new Ballot[voters];
        Array.Clear(_ballots);
        ResetElectionTimer();
    }

    private void CountBallot(NodeId from, bool granted)
    {
        var seat = _memberships.Current.Voters.IndexOf(from);
        if (seat < 0 || _ballots[seat] != Ballot.Missing)
        {
            return;
        }

        _ballots[seat] = granted ? Ballot.Granted : Ballot.Rejected;
        switch (Quorum.Tally(_ballots))
        {
            case VoteOutcome.Pending:
                break;
            case VoteOutcome.Lost:
                BecomeFollower(_term, NodeId.None);
                break;
            case VoteOutcome.Won when _role == RaftRole.PreCandidate:
                Campaign(transfer: false);
                break;
            case VoteOutcome.Won:
                BecomeLeader();
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Our own vote counts when it is durable, like everybody else's.</summary>
    private void CountOwnVoteOnceDurable()
    {
        if (_role == RaftRole.Candidate && HardStateIsDurable)
        {
            CountBallot(_self, granted: true);
        }
    }

    private void HandleVoteRequest(in Message message)
    {
        var isPreVote = message.Kind == MessageKind.PreVote;
        var isFree = isPreVote
            ? message.Term > _term && !IsSticky
            : _vote == message.From || (_vote.IsNone && _leader.IsNone);
        var granted = isFree && _log.IsCoveredBy(message.Index, message.LogTerm);
        if (granted && !isPreVote)
        {
            SetTerm(_term, message.From);
            _electionElapsed = 0;
        }

        // A learner votes when asked: it may have been promoted by an entry that it has not received yet.
        var outbox = Defects.Has(Defect.VoteBeforeFlush) ? _sendNow : _sendAfterPersist;
        outbox.Add(Make(isPreVote ? MessageKind.PreVoteReply : MessageKind.VoteReply, message.From) with
        {
            Term = isPreVote && granted ? message.Term : _term,
            Reject = !granted,
        });
    }

    private void HandleVoteReply(in Message message)
    {
        var isPreVote = message.Kind == MessageKind.PreVoteReply;
        if (_role != (isPreVote ? RaftRole.PreCandidate : RaftRole.Candidate))
        {
            return;
        }

        // A pre-vote is granted for the term after ours, and a grant for any other is not for this campaign.
        if (isPreVote && !message.Reject && message.Term != _term.Next)
        {
            return;
        }

        CountBallot(message.From, !message.Reject);
    }

    private void HandleTimeoutNow()
    {
        if (MayCampaign && _role != RaftRole.Leader)
        {
            // The leader itself asks: no pre-vote, and voters overlook that they still hear it.
            Campaign(transfer: true);
        }
    }

    /// <summary>Tells the voter with the longest log to stand at once. It is a courtesy: losing it costs a timeout.</summary>
    private void HandOver()
    {
        if (BestVoter() is { } best)
        {
            _sendNow.Add(Make(MessageKind.TimeoutNow, best.Id));
        }
    }

    /// <summary>Of the other voters that are heard, the one with the longest log.</summary>
    private Progress? BestVoter()
    {
        Progress? best = null;
        foreach (var peer in _peers)
        {
            if (peer.IsVoter && peer.LastHeard > _now - _config.ElectionTicksMin && (best is null || peer.Match > best.Match))
            {
                best = peer;
            }
        }

        return best;
    }

    private void CompleteTransfer(Progress peer)
    {
        if (peer.Id == _transferTarget && peer.Match == _log.Last)
        {
            // What it can still learn from a leader goes first.
            SendAppends();
            _sendNow.Add(Make(MessageKind.TimeoutNow, peer.Id));
        }
    }
}

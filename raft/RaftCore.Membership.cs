namespace RestKv.Raft;

/// <summary>
/// Membership (section 6 and chapter 4 of the dissertation): one member changes at a time, new voters come from the
/// learners, a membership is in force from the moment it is appended.
/// </summary>
public sealed partial class RaftCore
{
    /// <summary>Appends a membership if this member leads and the change is safe.</summary>
    public ProposeOutcome ProposeMembership(Membership membership)
    {
        if (_role != RaftRole.Leader)
        {
            return Outcome(ProposeVerdict.NotLeader);
        }

        if (IsTransferring)
        {
            return Outcome(ProposeVerdict.Busy);
        }

        // Two memberships that are both uncommitted, or one of a former term that may yet come back, could have
        // majorities that do not meet.
        var isOpen = _memberships.CurrentIndex > _log.Committed && !Defects.Has(Defect.TwoMembershipsAtOnce);
        if (!HasCommittedInTerm || isOpen || !IsSafeChange(membership))
        {
            return Outcome(ProposeVerdict.Refused);
        }

        var index = AppendOwn(EntryKind.Membership, membership.Encode());
        _memberships.Add(index, membership);
        MembershipChanged();
        return new ProposeOutcome(ProposeVerdict.Accepted, index, _term, _self);
    }

    /// <summary>Whether this member leads and the learner is there and no more than one append behind.</summary>
    public bool IsReadyToVote(NodeId learner) => _role == RaftRole.Leader && IsCaughtUp(learner);

    /// <summary>One member is added, removed, promoted or demoted, and a promoted one is within reach of the log's end.</summary>
    private bool IsSafeChange(Membership next)
    {
        var current = _memberships.Current;
        if (next.Voters.IsEmpty)
        {
            return false;
        }

        var changes = 0;
        foreach (var id in next.Voters)
        {
            if (!current.IsVoter(id))
            {
                changes++;
                if (!current.IsLearner(id) || !IsCaughtUp(id))
                {
                    return false;
                }
            }
        }

        foreach (var id in next.Learners)
        {
            changes += current.IsLearner(id) ? 0 : 1;
        }

        foreach (var id in current.Voters)
        {
            changes += next.Contains(id) ? 0 : 1;
        }

        foreach (var id in current.Learners)
        {
            changes += next.Contains(id) ? 0 : 1;
        }

        return changes == 1;
    }

    private bool IsCaughtUp(NodeId id) => Defects.Has(Defect.PromoteWithoutCatchingUp) || (
        FindPeer(id) is { State: ProgressState.Replicate } peer
        && peer.LastHeard > _now - _config.ElectionTicksMin
        && peer.Match.Value + _config.AppendEntriesMax >= _log.Last.Value);

    private void MembershipChanged()
    {
        if (_role == RaftRole.Leader)
        {
            RebuildPeers();
        }
        else if (_role is RaftRole.Follower or RaftRole.Learner)
        {
            _role = IdleRole;
        }
        else
        {
            // Ballots belong to the voters of before.
            BecomeFollower(_term, NodeId.None);
        }
    }

    /// <summary>Keeps what is known of members that stay, and starts probing those that are new.</summary>
    private void RebuildPeers()
    {
        var membership = _memberships.Current;
        var peers = new List<Progress>(membership.Voters.Length + membership.Learners.Length);
        foreach (var id in membership.Voters)
        {
            AddPeer(id, isVoter: true);
        }

        foreach (var id in membership.Learners)
        {
            AddPeer(id, isVoter: false);
        }

        _peers = [.. peers];
        _appendsDue = true;
        if (IsTransferring && FindPeer(_transferTarget) is not { IsVoter: true })
        {
            _transferTarget = NodeId.None;
        }

        void AddPeer(NodeId id, bool isVoter)
        {
            if (id != _self)
            {
                var peer = FindPeer(id) ?? new Progress(id, _log.Last.Next, _now, _config);
                peer.IsVoter = isVoter;
                if (_forgetful.Contains(id))
                {
                    peer.Forget();
                }

                peers.Add(peer);
            }
        }
    }

    /// <summary>A leader that removed itself leads until the entry that says so is committed, and then hands over.</summary>
    private void LeaveIfRemoved()
    {
        if (!IsVoter && _memberships.CurrentIndex <= _log.Committed)
        {
            SendAppends();
            HandOver();
            StepDown();
        }
    }
}

using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// The leader's duty towards the member list: who votes without being listed is entered, and the voting membership is brought
/// into line with the list, one change at a time, never below an active majority.
/// </summary>
public sealed partial class Replica
{
    private bool _isEntering;

    /// <summary>Where this member, leading, has put its last change of members.</summary>
    private LogIndex _memberChange;

    private void AlignMembers()
    {
        var present = _raft.Membership;
        if (!_isEntering && EntryDue(present) is { } change)
        {
            _isEntering = true;
            ProposeOwn(new MemberEntry(), change);
            return;
        }

        // Refused while another change is under way; the next tick asks again.
        if (MemberAlignment.NextStep(_machine.Members, present, _raft.IsReadyToVote) is { } next && KeepsQuorum(present, next))
        {
            _raft.ProposeMembership(next);
        }
    }

    /// <summary>Why a change of members must not be proposed now; only a leader knows.</summary>
    private NotAppliedReason RefusalOf(ReadOnlyMemory<byte> payload)
    {
        if (_raft.Role != RaftRole.Leader || !MemberCodec.IsChange(Envelope.CommandTag(payload)) || !Envelope.TryDecode(payload, out var envelope))
        {
            return NotAppliedReason.None;
        }

        var present = _raft.Membership;
        return (envelope.Command is Command.MemberDryRun dryRun ? dryRun.Change : envelope.Command) switch
        {
            Command.MemberPromote promote when IsLearner(promote.Id, present) && !_raft.IsReadyToVote(promote.Id) =>
                NotAppliedReason.LearnerNotReady,
            Command.MemberRemove remove when present.IsVoter(remove.Id) && !CanSpare(remove.Id, present)
                && !Defects.Has(Defect.RemoveAnyVoter) =>
                NotAppliedReason.QuorumAtRisk,
            _ => NotAppliedReason.None,
        };
    }

    /// <summary>Also one that was listed a moment ago and is not in the membership yet.</summary>
    private bool IsLearner(NodeId id, Membership present) =>
        present.IsLearner(id) || (!present.IsVoter(id) && _machine.Members.Find(id) is { Wanted: MemberRole.Learner });

    /// <summary>
    /// Whether enough voters are left when this one goes, and with it all that were removed before and still vote: a listed
    /// member that is wanted as a voter is none yet. Where nobody else is wanted as one, the list itself refuses.
    /// </summary>
    private bool CanSpare(NodeId id, Membership present)
    {
        if (!_clock.IsRunning || _memberChange.Value > _machine.AppliedIndex)
        {
            // What was removed last is not known here yet.
            return false;
        }

        var list = _machine.Members;
        var left = present.Voters.RemoveAll(voter => voter == id || list.Removed.Contains(voter));
        return left.IsEmpty
            ? !list.Members.Any(other => other.Id != id && other.Wanted == MemberRole.Voter)
            : KeepsQuorum(present, new Membership(left, present.Learners));
    }

    private Command.MemberChange? EntryDue(Membership present)
    {
        var list = _machine.Members;
        foreach (var id in present.Voters.AddRange(present.Learners))
        {
            if (list.Find(id) is null && !list.Removed.Contains(id))
            {
                return EntryOf(id, present.IsVoter(id), list);
            }
        }

        return MemberAlignment.Replaced(list, present) is { IsNone: false } replaced ? new Command.MemberRemove(replaced) : null;
    }

    private Command.MemberAdd EntryOf(NodeId id, bool isVoter, MemberList list)
    {
        var known = _config.FirstMembers.FirstOrDefault(member => member.Id == id);
        var name = known is null || list.IsNameTaken(known.Name, id, NodeId.None) ? id.ToString() : known.Name;
        var urls = known is null || list.IsAddressTaken(known.PeerUrls, id, NodeId.None) ? [] : known.PeerUrls;
        return new Command.MemberAdd(id, name, urls, isVoter ? MemberRole.Voter : MemberRole.Learner, NodeId.None);
    }

    /// <summary>Whether the voters that are heard of make a majority of the next membership, or none of the voters goes.</summary>
    private bool KeepsQuorum(Membership present, Membership next)
    {
        if (next.Voters.Length >= present.Voters.Length)
        {
            return true;
        }

        // One that has acknowledged nothing to this leader was not heard: its silence is counted from the election only.
        var heard = _raft.Status.Peers.Count(peer =>
            next.IsVoter(peer.Id) && peer.Match > LogIndex.Zero && peer.SilentTicks < _config.Raft.ElectionTicksMin);
        return heard + (next.IsVoter(_raft.Self) ? 1 : 0) >= next.Quorum;
    }

    private sealed record MemberEntry;
}

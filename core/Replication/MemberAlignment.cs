using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>How the voting membership follows the member list, one change at a time.</summary>
internal static class MemberAlignment
{
    /// <summary>
    /// The next step from a voting membership towards what is wanted: newcomers learn first, learners that are wanted as voters
    /// are promoted, the removed go. None when there is nothing to do.
    /// </summary>
    /// <param name="isReady">Whether a learner has caught up.</param>
    public static Membership? NextStep(MemberList list, Membership present, Func<NodeId, bool> isReady)
    {
        foreach (var member in list.Members)
        {
            if (!present.Contains(member.Id) && present.Voters.Length + present.Learners.Length < Membership.MembersMax)
            {
                return new Membership(present.Voters, present.Learners.Add(member.Id));
            }
        }

        foreach (var member in list.Members)
        {
            if (member.Wanted == MemberRole.Voter && present.IsLearner(member.Id) && isReady(member.Id))
            {
                return new Membership(present.Voters.Add(member.Id), present.Learners.Remove(member.Id));
            }
        }

        foreach (var id in present.Learners.AddRange(present.Voters))
        {
            if (list.Removed.Contains(id) && (present.Voters.Length > 1 || !present.IsVoter(id)))
            {
                return new Membership(present.Voters.Remove(id), present.Learners.Remove(id));
            }
        }

        return null;
    }

    /// <summary>A voter that took over from another one, which can go.</summary>
    public static NodeId Replaced(MemberList list, Membership present)
    {
        foreach (var member in list.Members)
        {
            if (!member.Replaces.IsNone && present.IsVoter(member.Id) && list.Find(member.Replaces) is not null)
            {
                return member.Replaces;
            }
        }

        return NodeId.None;
    }
}

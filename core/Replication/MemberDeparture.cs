using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>When a member that was removed is gone for those who stay.</summary>
public static class MemberDeparture
{
    /// <summary>
    /// Whether nobody speaks with this member any more: it was removed, and the membership that is settled here has let it go,
    /// too. Not before: the list is changed first, and a leader that is to go must still tell the others the membership without
    /// it. Of two voters the one that stays could never lead if it turned the other one away before that; and a membership
    /// that is appended and not committed may be taken back by a leader that needs the vote of the one it lets go.
    /// </summary>
    /// <param name="settled">The newest committed membership known here.</param>
    public static bool IsGone(this MemberList list, NodeId id, Membership settled) =>
        list.Removed.Contains(id) && (!settled.Contains(id) || Defects.Has(Defect.TurnAwayTooSoon));
}

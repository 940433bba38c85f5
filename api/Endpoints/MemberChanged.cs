using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Api.Endpoints;

/// <summary>A change of the members that was made, or would be.</summary>
/// <param name="Member">As it is after the change; as it was, for one that goes.</param>
internal sealed record MemberChanged(Member? Member, NodeId Id, int QuorumBefore, int QuorumAfter)
{
    /// <summary>In a dry run: the id is drawn when the change is made.</summary>
    public static readonly NodeId NotYet = new(long.MaxValue);

    public static MemberChanged Of(MemberList before, MemberList after, NodeId id)
    {
        var member = after.Find(id) ?? before.Find(id);
        return new MemberChanged(member, id, QuorumOf(before), QuorumOf(member is null ? after : WithoutReplaced(after, member)));
    }

    private static MemberList WithoutReplaced(MemberList list, Member member) =>
        member.Replaces.IsNone || list.Find(member.Replaces) is null ? list : list.Without(member.Replaces);

    private static int QuorumOf(MemberList list) =>
        (list.Members.Count(member => member.Wanted == MemberRole.Voter) / 2) + 1;
}

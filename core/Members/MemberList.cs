using System.Collections.Immutable;
using RestKv.Raft;

namespace RestKv.Core.Members;

/// <summary>
/// Who belongs to the cluster, as its log says: the wish that the leader brings the voting membership into line with, and the
/// addresses. Immutable; every change makes a new one. Ids of removed members stay for ever and are never given again.
/// </summary>
public sealed class MemberList
{
    /// <summary>More members than anybody runs.</summary>
    public const int MembersMax = 64;

    public static readonly MemberList Empty = new([], []);

    private MemberList(ImmutableArray<Member> members, ImmutableSortedSet<NodeId> removed)
    {
        Members = members;
        Removed = removed;
    }

    /// <summary>In id order.</summary>
    public ImmutableArray<Member> Members { get; }

    public ImmutableSortedSet<NodeId> Removed { get; }

    public static MemberList Of(IEnumerable<Member> members, IEnumerable<NodeId> removed) =>
        new([.. members.OrderBy(member => member.Id)], [.. removed]);

    public Member? Find(NodeId id)
    {
        foreach (var member in Members)
        {
            if (member.Id == id)
            {
                return member;
            }
        }

        return null;
    }

    /// <summary>
    /// Whether somebody else has the name; a member may bear the name of the one it replaces. No name at all is nobody's: members
    /// that were added without one tell it when they start.
    /// </summary>
    public bool IsNameTaken(string name, NodeId self, NodeId replaces) =>
        name.Length > 0 && Members.Any(member => member.Name == name && member.Id != self && member.Id != replaces);

    /// <summary>As above, for the addresses.</summary>
    public bool IsAddressTaken(ImmutableArray<string> peerUrls, NodeId self, NodeId replaces) =>
        Members.Any(member =>
            member.Id != self && member.Id != replaces && member.PeerUrls.Any(url => peerUrls.Contains(url)));

    /// <summary>Adds a member, or puts it in the place of the one with its id.</summary>
    public MemberList With(Member member)
    {
        Invariant.Check(!Removed.Contains(member.Id));
        return new MemberList([.. Members.Where(other => other.Id != member.Id).Append(member).OrderBy(other => other.Id)], Removed);
    }

    public MemberList Without(NodeId id) => new([.. Members.Where(member => member.Id != id)], Removed.Add(id));
}

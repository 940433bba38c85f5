using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Core.Members;

/// <summary>Applies changes of the member list. The same on every member: no reachability or time is asked for here.</summary>
public static class MemberChanges
{
    /// <param name="newId">Draws an id that was never used.</param>
    public static OperationResult Apply(
        Command.MemberChange change, long revision, ref MemberList list, Func<MemberList, NodeId> newId)
    {
        switch (change)
        {
            case Command.MemberAdd add:
                return Add(add, revision, ref list, newId);
            case Command.MemberAnnounce announce:
                return Announce(announce, revision, ref list);
            case Command.MemberUpdate update:
                return Update(update, revision, ref list);
            case Command.MemberPromote promote:
                return list.Find(promote.Id) is { } learner
                    ? Put(learner with { Wanted = MemberRole.Voter }, revision, ref list)
                    : NotFound(revision);
            case Command.MemberRemove remove:
                return Remove(remove, revision, ref list);
            case Command.MemberDryRun dryRun:
                var unchanged = list;
                return Apply(dryRun.Change, revision, ref unchanged, newId);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>A start of a member has told what its state was at an index: its disk held the log up to there.</summary>
    public static MemberList Reported(MemberList list, NodeId id, long incarnation, long index) =>
        list.Find(id) is { } member && member.Held.Reported(incarnation, index) is var held && held != member.Held
            ? list.With(member with { Held = held })
            : list;

    private static OperationResult Add(
        Command.MemberAdd add, long revision, ref MemberList list, Func<MemberList, NodeId> newId)
    {
        if (list.IsNameTaken(add.Name, add.Id, add.Replaces) || list.IsAddressTaken(add.PeerUrls, add.Id, add.Replaces)
            || list.Find(add.Id) is not null || list.Removed.Contains(add.Id))
        {
            return Refuse(revision, RejectionCode.MemberExists);
        }

        if (!add.Replaces.IsNone && list.Find(add.Replaces) is null)
        {
            return NotFound(revision);
        }

        if (list.Members.Length >= MemberList.MembersMax)
        {
            return Refuse(revision, RejectionCode.MemberLimit);
        }

        var id = add.Id.IsNone ? newId(list) : add.Id;
        return Put(new Member(id, add.Name, add.PeerUrls, [], add.Wanted, 0, add.Replaces), revision, ref list);
    }

    private static OperationResult Announce(Command.MemberAnnounce announce, long revision, ref MemberList list)
    {
        if (list.Find(announce.Id) is not { } member)
        {
            return NotFound(revision);
        }

        if (member.StoreId != 0 && member.StoreId != announce.StoreId)
        {
            return Refuse(revision, RejectionCode.MemberWiped);
        }

        if (announce.Incarnation < member.Incarnation
            || (announce.Incarnation == member.Incarnation && member.Life != 0 && announce.Life != member.Life))
        {
            return Refuse(revision, RejectionCode.MemberRolledBack);
        }

        return Put(
            member with
            {
                Name = list.IsNameTaken(announce.Name, member.Id, member.Replaces) ? member.Name : announce.Name,
                ClientUrls = announce.ClientUrls,
                StoreId = announce.StoreId,
                Incarnation = announce.Incarnation,
                Life = announce.Life,
            },
            revision,
            ref list);
    }

    private static OperationResult Update(Command.MemberUpdate update, long revision, ref MemberList list)
    {
        if (list.Find(update.Id) is not { } member)
        {
            return NotFound(revision);
        }

        return list.IsAddressTaken(update.PeerUrls, member.Id, member.Replaces)
            ? Refuse(revision, RejectionCode.MemberExists)
            : Put(member with { PeerUrls = update.PeerUrls }, revision, ref list);
    }

    private static OperationResult Remove(Command.MemberRemove remove, long revision, ref MemberList list)
    {
        if (list.Find(remove.Id) is not { } member)
        {
            return NotFound(revision);
        }

        if (member.Wanted == MemberRole.Voter && list.Members.Count(other => other.Wanted == MemberRole.Voter) == 1)
        {
            return Refuse(revision, RejectionCode.LastVoter);
        }

        list = list.Without(remove.Id);
        return new OperationResult.MemberChanged(revision, remove.Id);
    }

    private static OperationResult.MemberChanged Put(Member member, long revision, ref MemberList list)
    {
        list = list.With(member);
        return new OperationResult.MemberChanged(revision, member.Id);
    }

    private static OperationResult.Rejected NotFound(long revision) => Refuse(revision, RejectionCode.MemberNotFound);

    private static OperationResult.Rejected Refuse(long revision, RejectionCode code) => new(revision, new Rejection(code));
}

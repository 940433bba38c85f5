using System.Collections.Immutable;
using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Core.Members;

/// <summary>Binary form of the member list in snapshots and of its changes in commands (core/DESIGN.md).</summary>
internal static class MemberCodec
{
    /// <summary>More addresses than anybody gives one member.</summary>
    private const int UrlsMax = 64;

    private const byte AddTag = 10;
    /// <summary>Without the start that announces; read, and no longer written.</summary>
    private const byte PlainAnnounceTag = 11;
    private const byte UpdateTag = 12;
    private const byte PromoteTag = 13;
    private const byte RemoveTag = 14;
    private const byte AnnounceTag = 17;
    private const byte DryRunTag = 18;

    public static void Write(ByteWriter into, MemberList list)
    {
        into.WriteCount(list.Members.Length);
        foreach (var member in list.Members)
        {
            into.WriteInt64(member.Id.Value);
            into.WriteText(member.Name);
            WriteUrls(into, member.PeerUrls);
            WriteUrls(into, member.ClientUrls);
            into.WriteByte((byte)member.Wanted);
            into.WriteInt64(member.StoreId);
            into.WriteInt64(member.Replaces.Value);
            into.WriteInt64(member.Incarnation);
            into.WriteInt64(member.Life);
            into.WriteInt64(member.Held.Incarnation);
            into.WriteInt64(member.Held.Index);
            into.WriteInt64(member.Held.Before);
        }

        var removed = Defects.Has(Defect.ForgetRemovedMembers) ? [] : list.Removed;
        into.WriteCount(removed.Count);
        foreach (var id in removed)
        {
            into.WriteInt64(id.Value);
        }
    }

    /// <param name="hasStarts">Whether the form tells of the members' starts; an older one does not.</param>
    public static MemberList Read(ref ByteReader from, bool hasStarts)
    {
        var members = new List<Member>();
        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            var member = new Member(
                new NodeId(from.ReadInt64()), from.ReadText(), ReadUrls(ref from), ReadUrls(ref from), ReadRole(ref from),
                from.ReadInt64(), new NodeId(from.ReadInt64()));
            members.Add(!hasStarts ? member : member with
            {
                Incarnation = from.ReadInt64(),
                Life = from.ReadInt64(),
                Held = new HeldLog(from.ReadInt64(), from.ReadInt64(), from.ReadInt64()),
            });
        }

        var removed = new List<NodeId>();
        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            removed.Add(new NodeId(from.ReadInt64()));
        }

        return MemberList.Of(members, removed);
    }

    public static void WriteChange(ByteWriter into, Command.MemberChange change)
    {
        switch (change)
        {
            case Command.MemberAdd add:
                into.WriteByte(AddTag);
                into.WriteInt64(add.Id.Value);
                into.WriteText(add.Name);
                WriteUrls(into, add.PeerUrls);
                into.WriteByte((byte)add.Wanted);
                into.WriteInt64(add.Replaces.Value);
                break;
            case Command.MemberAnnounce announce:
                into.WriteByte(AnnounceTag);
                into.WriteInt64(announce.Id.Value);
                into.WriteText(announce.Name);
                WriteUrls(into, announce.ClientUrls);
                into.WriteInt64(announce.StoreId);
                into.WriteInt64(announce.Incarnation);
                into.WriteInt64(announce.Life);
                break;
            case Command.MemberUpdate update:
                into.WriteByte(UpdateTag);
                into.WriteInt64(update.Id.Value);
                WriteUrls(into, update.PeerUrls);
                break;
            case Command.MemberPromote promote:
                into.WriteByte(PromoteTag);
                into.WriteInt64(promote.Id.Value);
                break;
            case Command.MemberRemove remove:
                into.WriteByte(RemoveTag);
                into.WriteInt64(remove.Id.Value);
                break;
            case Command.MemberDryRun dryRun:
                Invariant.Check(dryRun.Change is not Command.MemberDryRun);
                into.WriteByte(DryRunTag);
                WriteChange(into, dryRun.Change);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    public static bool IsChange(byte tag) => tag is (>= AddTag and <= RemoveTag) or AnnounceTag or DryRunTag;

    /// <summary>The change with this tag; none for a tag that is no change of members.</summary>
    public static Command? ReadChange(byte tag, ref ByteReader from) => tag switch
    {
        AddTag => new Command.MemberAdd(
            new NodeId(from.ReadInt64()), from.ReadText(), ReadUrls(ref from), ReadRole(ref from), new NodeId(from.ReadInt64())),
        PlainAnnounceTag => new Command.MemberAnnounce(
            new NodeId(from.ReadInt64()), from.ReadText(), ReadUrls(ref from), from.ReadInt64()),
        AnnounceTag => new Command.MemberAnnounce(
            new NodeId(from.ReadInt64()), from.ReadText(), ReadUrls(ref from), from.ReadInt64(), from.ReadInt64(), from.ReadInt64()),
        UpdateTag => new Command.MemberUpdate(new NodeId(from.ReadInt64()), ReadUrls(ref from)),
        PromoteTag => new Command.MemberPromote(new NodeId(from.ReadInt64())),
        RemoveTag => new Command.MemberRemove(new NodeId(from.ReadInt64())),
        DryRunTag => ReadDryRun(ref from),
        _ => null,
    };

    private static Command.MemberDryRun? ReadDryRun(ref ByteReader from)
    {
        // Only one deep, so that no bytes can ask for more.
        var tag = from.ReadByte();
        return tag != DryRunTag && ReadChange(tag, ref from) is Command.MemberChange change ? new Command.MemberDryRun(change) : null;
    }

    private static void WriteUrls(ByteWriter into, ImmutableArray<string> urls)
    {
        into.WriteCount(urls.Length);
        foreach (var url in urls)
        {
            into.WriteText(url);
        }
    }

    private static ImmutableArray<string> ReadUrls(ref ByteReader from)
    {
        var count = from.ReadLength();
        if (count > UrlsMax)
        {
            from.Fault();
            return [];
        }

        var urls = ImmutableArray.CreateBuilder<string>(count);
        for (var i = 0; i < count; i++)
        {
            urls.Add(from.ReadText());
        }

        return urls.MoveToImmutable();
    }

    private static MemberRole ReadRole(ref ByteReader from)
    {
        var role = from.ReadByte();
        if (role > (byte)MemberRole.Voter)
        {
            from.Fault();
        }

        return (MemberRole)role;
    }
}

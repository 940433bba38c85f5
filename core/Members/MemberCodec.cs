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
    private const byte AnnounceTag = 11;
    private const byte UpdateTag = 12;
    private const byte PromoteTag = 13;
    private const byte RemoveTag = 14;

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
        }

        into.WriteCount(list.Removed.Count);
        foreach (var id in list.Removed)
        {
            into.WriteInt64(id.Value);
        }
    }

    public static MemberList Read(ref ByteReader from)
    {
        var members = new List<Member>();
        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            members.Add(new Member(
                new NodeId(from.ReadInt64()), from.ReadText(), ReadUrls(ref from), ReadUrls(ref from), ReadRole(ref from),
                from.ReadInt64(), new NodeId(from.ReadInt64())));
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
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    public static bool IsChange(byte tag) => tag is >= AddTag and <= RemoveTag;

    /// <summary>The change with this tag; none for a tag that is no change of members.</summary>
    public static Command? ReadChange(byte tag, ref ByteReader from) => tag switch
    {
        AddTag => new Command.MemberAdd(
            new NodeId(from.ReadInt64()), from.ReadText(), ReadUrls(ref from), ReadRole(ref from), new NodeId(from.ReadInt64())),
        AnnounceTag => new Command.MemberAnnounce(
            new NodeId(from.ReadInt64()), from.ReadText(), ReadUrls(ref from), from.ReadInt64()),
        UpdateTag => new Command.MemberUpdate(new NodeId(from.ReadInt64()), ReadUrls(ref from)),
        PromoteTag => new Command.MemberPromote(new NodeId(from.ReadInt64())),
        RemoveTag => new Command.MemberRemove(new NodeId(from.ReadInt64())),
        _ => null,
    };

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

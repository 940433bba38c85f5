using System.Collections.Immutable;
using RestKv.Core.Alarms;
using RestKv.Core.Auth;
using RestKv.Core.Members;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Commands;

/// <summary>
/// Binary form of commands (version 1, layout in core/DESIGN.md). Decoding is total: it never throws and never allocates
/// more than the input justifies. Keys and values of a decoded command are views into the entry.
/// </summary>
public static class CommandCodec
{
    /// <summary>
    /// Nesting of transactions a decoder accepts; writers are limited to less. etcd's clients may nest them as deep as a
    /// transaction may have operations, 128.
    /// </summary>
    public const int DepthMax = 130;

    private const byte StateReportTag = 16;
    private const byte AdvancingCompactTag = 19;
    private const byte SetAlarmTag = 20;

    public static void Encode(ByteWriter into, Command command)
    {
        switch (command)
        {
            case Command.Write write:
                into.WriteByte(1);
                OperationCodec.Encode(into, write.Operation);
                break;
            case Command.Compact compact:
                into.WriteByte(compact.MustAdvance ? AdvancingCompactTag : (byte)2);
                into.WriteInt64(compact.Revision);
                break;
            case Command.LeaseGrant grant:
                into.WriteByte(3);
                into.WriteInt64(grant.Id.Value);
                into.WriteInt64(grant.TtlSeconds);
                break;
            case Command.LeaseRenew renew:
                into.WriteByte(4);
                WriteLeases(into, renew.Ids);
                break;
            case Command.LeaseRevoke revoke:
                into.WriteByte(5);
                into.WriteInt64(revoke.Id.Value);
                break;
            case Command.LeaseExpire expire:
                into.WriteByte(6);
                into.WriteInt64(expire.Id.Value);
                break;
            case Command.SettleOutcome settle:
                into.WriteByte(7);
                into.WriteText(settle.Key);
                break;
            case Command.SetRetention retention:
                into.WriteByte(8);
                into.WriteInt64(retention.Retention.Revisions);
                into.WriteInt64(retention.Retention.AgeMs);
                break;
            case Command.Tick:
                into.WriteByte(9);
                break;
            case Command.SetAlarm set:
                into.WriteByte(SetAlarmTag);
                into.WriteByte((byte)set.Alarm.Kind);
                into.WriteInt64(set.Alarm.Member.Value);
                into.WriteBool(set.IsRaised);
                break;
            default:
                EncodeRare(into, command);
                break;
        }
    }

    private static void EncodeRare(ByteWriter into, Command command)
    {
        switch (command)
        {
            case Command.StateMark:
                into.WriteByte(15);
                break;
            case Command.StateReport report:
                into.WriteByte(StateReportTag);
                into.WriteInt64(report.Member.Value);
                into.WriteInt64(report.Index);
                into.WriteUInt64(report.Digest);
                break;
            case Command.MemberChange change:
                MemberCodec.WriteChange(into, change);
                break;
            case Command.AuthChange change:
                AuthCodec.Write(into, change);
                break;
            case Command.LeaseRenewFor renew:
                AuthCodec.WriteRenewFor(into, renew);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    public static bool TryDecode(ref ByteReader reader, out Command command)
    {
        command = reader.ReadByte() switch
        {
            1 => new Command.Write(OperationCodec.Decode(ref reader, 1)),
            2 => new Command.Compact(reader.ReadInt64()),
            3 => new Command.LeaseGrant(new LeaseId(reader.ReadInt64()), reader.ReadInt64()),
            4 => new Command.LeaseRenew(ReadLeases(ref reader)),
            5 => new Command.LeaseRevoke(new LeaseId(reader.ReadInt64())),
            6 => new Command.LeaseExpire(new LeaseId(reader.ReadInt64())),
            7 => new Command.SettleOutcome(reader.ReadText()),
            8 => new Command.SetRetention(new Retention(reader.ReadInt64(), reader.ReadInt64())),
            9 => new Command.Tick(),
            15 => new Command.StateMark(),
            AdvancingCompactTag => new Command.Compact(reader.ReadInt64(), MustAdvance: true),
            SetAlarmTag => ReadSetAlarm(ref reader),
            StateReportTag => new Command.StateReport(new NodeId(reader.ReadInt64()), reader.ReadInt64(), reader.ReadUInt64()),
            var tag => MemberCodec.ReadChange(tag, ref reader) ?? AuthCodec.Read(tag, ref reader) ?? Fault(ref reader),
        };
        return !reader.IsFaulted && reader.IsAtEnd;
    }

    /// <summary>Whether a command with this tag is one of those that <see cref="Replication.MemberEvidence"/> is made of.</summary>
    public static bool TellsOfMembers(byte tag) => tag == StateReportTag || MemberCodec.IsChange(tag);

    private static Command.Tick Fault(ref ByteReader reader)
    {
        reader.Fault();
        return new Command.Tick();
    }

    private static void WriteLeases(ByteWriter into, ImmutableArray<LeaseId> ids)
    {
        into.WriteCount(ids.Length);
        foreach (var id in ids)
        {
            into.WriteInt64(id.Value);
        }
    }

    private static Command.SetAlarm ReadSetAlarm(ref ByteReader reader)
    {
        var kind = reader.ReadByte();
        if (kind > (byte)AlarmKind.Corrupt)
        {
            reader.Fault();
        }

        return new Command.SetAlarm(new Alarm((AlarmKind)kind, new NodeId(reader.ReadInt64())), reader.ReadBool());
    }

    private static ImmutableArray<LeaseId> ReadLeases(ref ByteReader reader)
    {
        var count = reader.ReadLength();
        if (reader.IsFaulted || count > reader.Remaining / 8)
        {
            reader.Fault();
            return [];
        }

        var ids = ImmutableArray.CreateBuilder<LeaseId>(count);
        for (var i = 0; i < count; i++)
        {
            ids.Add(new LeaseId(reader.ReadInt64()));
        }

        return ids.MoveToImmutable();
    }
}

using System.Buffers.Binary;
using System.Collections.Immutable;
using RestKv.Core.Alarms;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Leases;
using RestKv.Core.Members;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Outcomes;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core;

/// <summary>
/// Machine image to bytes and back: a head section, blocks of outcomes, then the store (layout in DESIGN.md). Reading
/// checks everything it relies on; storage has already checked digests, so a fault here means a wrong writer.
/// </summary>
public static class SnapshotCodec
{
    /// <summary>
    /// Version 2 added the members, version 3 their starts, version 4 the alarms, version 5 users and what belongs to them; an older
    /// one is read as having none.
    /// </summary>
    private const byte FormatVersion = 5;
    private const int BlockBytesMax = 64 << 20;
    private const int OutcomesPerBlock = 1024;

    public static void Write(MachineImage image, ISnapshotSink sink)
    {
        var writer = new ByteWriter(4096);
        writer.WriteByte(FormatVersion);
        writer.WriteInt64(image.AppliedIndex);
        writer.WriteInt64(image.ClusterTimeMs);
        writer.WriteInt64(image.WallTimeMs);
        writer.WriteInt64(image.Retention.Revisions);
        writer.WriteInt64(image.Retention.AgeMs);
        writer.WriteInt64(image.OutcomesKnownFromMs);
        writer.WriteCount(image.Clock.Length);
        foreach (var (timeMs, revision) in image.Clock)
        {
            writer.WriteInt64(timeMs);
            writer.WriteInt64(revision);
        }

        writer.WriteCount(image.Leases.Length);
        foreach (var lease in image.Leases)
        {
            writer.WriteInt64(lease.Id.Value);
            writer.WriteInt64(lease.TtlSeconds);
            writer.WriteInt64(lease.DeadlineMs);
            writer.WriteBool(lease.IsOwned);
        }

        MemberCodec.Write(writer, image.Members);
        writer.WriteBool(image.HasCompactedNothing);
        writer.WriteCount(image.Alarms.Alarms.Count);
        foreach (var alarm in image.Alarms.Alarms)
        {
            writer.WriteByte((byte)alarm.Kind);
            writer.WriteInt64(alarm.Member.Value);
        }

        AuthTableCodec.Write(writer, image.Auth);
        WriteBlock(writer, sink);
        WriteOutcomes(image.Outcomes, writer, sink);
        MvccSnapshot.Write(image.View, sink);
    }

    public static KvStateMachine Read(ISnapshotSource source, MachineOptions options)
    {
        var head = ReadBlock(source);
        var version = head.ReadByte();
        if (version is 0 or > FormatVersion)
        {
            throw new SnapshotFormatException("the snapshot was written by a newer version");
        }

        var appliedIndex = head.ReadInt64();
        var clusterTimeMs = head.ReadInt64();
        var wallTimeMs = head.ReadInt64();
        var retention = new Retention(head.ReadInt64(), head.ReadInt64());
        var knownFromMs = head.ReadInt64();
        var clock = ReadClock(ref head);
        var leases = ReadLeases(ref head);
        var members = version == 1 ? MemberList.Empty : MemberCodec.Read(ref head, hasStarts: version >= 3);
        var hasCompactedNothing = version >= 4 && head.ReadBool();
        var alarms = version >= 4 ? ReadAlarms(ref head) : AlarmList.Empty;
        var auth = version < 5 ? AuthTable.Empty : AuthTableCodec.Read(ref head);
        CheckWhole(head);
        var outcomes = new List<OutcomeEntry>();
        for (var block = ReadBlock(source); !block.IsAtEnd; block = ReadBlock(source))
        {
            ReadOutcomes(ref block, outcomes);
        }

        var machine = new KvStateMachine(options, MvccSnapshot.Read(source, options.Mvcc));
        foreach (var (timeMs, revision) in clock)
        {
            machine.Clock.Restore(timeMs, revision);
        }

        if (Defects.Has(Defect.ForgetOutcomesInSnapshot))
        {
            outcomes.Clear();
        }

        foreach (var entry in outcomes)
        {
            machine.Outcomes.Add(
                entry.Author, entry.Key.Span, entry.RequestHash, entry.TimeMs, entry.Status, entry.Revision,
                entry.Result.Span);
        }

        machine.Outcomes.RestoreKnownFrom(knownFromMs);
        machine.Restore(
            appliedIndex, clusterTimeMs, wallTimeMs, retention, members, alarms, hasCompactedNothing, auth,
            Defects.Has(Defect.ForgetLeasesInSnapshot) ? [] : leases);
        return machine;
    }

    private static void WriteOutcomes(OutcomeLog.Picture outcomes, ByteWriter writer, ISnapshotSink sink)
    {
        foreach (var block in outcomes.Entries().Chunk(OutcomesPerBlock))
        {
            writer.Clear();
            foreach (var entry in block)
            {
                writer.WriteUInt64(entry.RequestHash);
                writer.WriteInt64(entry.TimeMs);
                writer.WriteByte((byte)entry.Status);
                writer.WriteInt64(entry.Revision);
                writer.WriteText(entry.Author);
                writer.WriteBytes(entry.Key.Span);
                writer.WriteBytes(entry.Result.Span);
            }

            WriteBlock(writer, sink);
        }

        writer.Clear();
        WriteBlock(writer, sink);
    }

    private static void ReadOutcomes(ref ByteReader block, List<OutcomeEntry> into)
    {
        while (!block.IsAtEnd)
        {
            var requestHash = block.ReadUInt64();
            var timeMs = block.ReadInt64();
            var status = (IdempotencyStatus)block.ReadByte();
            var revision = block.ReadInt64();
            var author = block.ReadText();
            var key = block.ReadBytes();
            var result = block.ReadBytes();
            if (block.IsFaulted)
            {
                throw new SnapshotFormatException("an outcome is cut short");
            }

            into.Add(new OutcomeEntry(0, requestHash, timeMs, status, revision, author, key, result));
        }
    }

    private static ImmutableArray<(long TimeMs, long Revision)> ReadClock(ref ByteReader head)
    {
        var samples = ImmutableArray.CreateBuilder<(long, long)>();
        for (var count = head.ReadLength(); count > 0; count--)
        {
            samples.Add((head.ReadInt64(), head.ReadInt64()));
        }

        return samples.ToImmutable();
    }

    private static ImmutableArray<LeaseFacts> ReadLeases(ref ByteReader head)
    {
        var leases = ImmutableArray.CreateBuilder<LeaseFacts>();
        for (var count = head.ReadLength(); count > 0; count--)
        {
            leases.Add(new LeaseFacts(
                new LeaseId(head.ReadInt64()), head.ReadInt64(), head.ReadInt64(), head.ReadBool()));
        }

        return leases.ToImmutable();
    }

    private static AlarmList ReadAlarms(ref ByteReader head)
    {
        var alarms = new List<Alarm>();
        for (var count = head.ReadLength(); count > 0; count--)
        {
            alarms.Add(new Alarm((AlarmKind)head.ReadByte(), new NodeId(head.ReadInt64())));
        }

        return AlarmList.Of(alarms);
    }

    private static void CheckWhole(in ByteReader reader)
    {
        if (reader.IsFaulted || !reader.IsAtEnd)
        {
            throw new SnapshotFormatException("the head section does not add up");
        }
    }

    private static void WriteBlock(ByteWriter writer, ISnapshotSink sink)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, writer.Length);
        sink.Write(length);
        sink.Write(writer.Written);
    }

    private static ByteReader ReadBlock(ISnapshotSource source)
    {
        Span<byte> length = stackalloc byte[4];
        Fill(source, length);
        var bytes = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (bytes is < 0 or > BlockBytesMax)
        {
            throw new SnapshotFormatException("a section is longer than any writer makes it");
        }

        var block = new byte[bytes];
        Fill(source, block);
        return new ByteReader(block);
    }

    private static void Fill(ISnapshotSource source, Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            var read = source.Read(into);
            if (read == 0)
            {
                throw new SnapshotFormatException("the snapshot ends early");
            }

            into = into[read..];
        }
    }
}

/// <summary>The bytes of a snapshot are not what a writer of this version makes.</summary>
public sealed class SnapshotFormatException(string message) : Exception(message);

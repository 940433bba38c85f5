using System.Buffers.Binary;
using RestKv.Raft;
using RestKv.Storage.Wal;

namespace RestKv.Storage.Inspect;

/// <summary>
/// Prints one segment record by record, by itself: it needs neither the identity nor the segments before, so it also
/// serves where a start refuses.
/// </summary>
public static class WalDump
{
    /// <returns>True when reading ended at the clean end of the segment, false when it ended at bytes of some frame.</returns>
    public static bool Write(IFileSystem files, string path, Action<string> output)
    {
        using var reader = new SegmentReader(files, path);
        if (!WalSegmentHeader.TryRead(reader.Read(0, WalFormat.SectorBytes), out var header))
        {
            output($"{path}: no intact segment header");
            return false;
        }

        output($"{path}: cluster {header.Cluster}, member {header.Node}, segment {header.Segment}, first index "
            + $"{header.FirstIndex}, after {header.PreviousEnd}, chain {header.PreviousChain:x8}");
        var offset = WriteFrames(reader, header, output);
        if (reader.Read(offset, WalFrameHeader.Bytes) is var head && head.Length >= 16
            && head.ContainsAnyExcept((byte)0) && BinaryPrimitives.ReadInt64LittleEndian(head[8..]) == header.Segment)
        {
            output($"{path}: the frame at offset {offset} is not whole");
            return false;
        }

        output($"{path}: ends at offset {offset} of {reader.Length}");
        return true;
    }

    private static long WriteFrames(SegmentReader reader, WalSegmentHeader segment, Action<string> output)
    {
        var at = new WalPosition(segment.Segment, WalFormat.SectorBytes);
        while (WalFrameHeader.TryRead(
            reader.Read(at.Offset, WalFrameHeader.Bytes), segment.Salt, at, out var header, out var chain))
        {
            var frame = reader.Read(at.Offset, header.Length);
            if (frame.Length < header.Length || !WriteRecords(frame, header, segment.Salt, chain, output))
            {
                break;
            }

            at = at with { Offset = at.Offset + WalFormat.AlignToSector(header.Length) };
        }

        return at.Offset;
    }

    private static bool WriteRecords(
        ReadOnlySpan<byte> frame, WalFrameHeader header, ulong salt, uint chain, Action<string> output)
    {
        output($"  {header.Position} flush {header.Flush}, start {header.Incarnation}, {header.Records} records, "
            + $"{header.Length} bytes, durable before it: {header.PreviousEnd}");
        var at = WalFrameHeader.Bytes;
        for (var i = 0; i < header.Records; i++)
        {
            if (!WalRecord.TryRead(frame[at..], salt, header.Position.Offset + at, ref chain, out var record))
            {
                return false;
            }

            output("    " + Describe(record, frame.Slice(at + WalRecord.HeaderBytes, record.PayloadBytes)));
            at += record.TotalBytes;
        }

        return at == header.Length;
    }

    private static string Describe(WalRecord record, ReadOnlySpan<byte> payload) => record.Kind switch
    {
        WalRecordKind.Entry =>
            $"entry {record.Index} term {record.Term} {record.EntryKind} {record.PayloadBytes} bytes",
        WalRecordKind.HardState when payload.Length == WalRecord.HardStatePayloadBytes =>
            $"state term {record.Term} vote {new NodeId(BinaryPrimitives.ReadInt64LittleEndian(payload))} "
            + $"commit {record.Index}",
        WalRecordKind.Restart or WalRecordKind.Base when Membership.TryDecode(payload, out var membership) =>
            $"{(record.Kind == WalRecordKind.Restart ? "restart" : "base")} {record.Index} term {record.Term} {membership}",
        _ => $"unknown kind {(byte)record.Kind}, {record.PayloadBytes} bytes",
    };
}

using System.Buffers.Binary;
using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>
/// The frame being filled. Records are copied in once, behind room for everything that may have to stand before them,
/// so that a flush is one write call from one piece of memory, also when it begins a segment.
/// Owned by the thread of the log.
/// </summary>
internal sealed class WalBuffer
{
    /// <summary>Repeated state at the start of a segment: a hard state and a base with the largest membership.</summary>
    private const int CarryBytesMax = 640;

    private const int RecordsStart = WalFormat.SectorBytes + WalFrameHeader.Bytes + CarryBytesMax;
    private const int InitialBytes = 64 << 10;

    /// <summary>A buffer grown beyond this by one large flush is given back after it.</summary>
    private const int KeepBytesMax = 8 << 20;

    private byte[] _bytes = new byte[InitialBytes];
    private int _end = RecordsStart;

    public bool IsEmpty => Records == 0;

    public int Records { get; private set; }

    public int RecordBytes => _end - RecordsStart;

    public void AddEntry(in Entry entry)
    {
        Invariant.Check(entry.Kind is EntryKind.Noop or EntryKind.Command or EntryKind.Membership);
        Add(new WalRecord(WalRecordKind.Entry, entry.Kind, entry.Term, entry.Index, entry.Payload.Length), entry.Payload.Span);
    }

    public void AddHardState(in HardState state)
    {
        Span<byte> vote = stackalloc byte[WalRecord.HardStatePayloadBytes];
        BinaryPrimitives.WriteInt64LittleEndian(vote, state.Vote.Value);
        Add(new WalRecord(WalRecordKind.HardState, default, state.Term, state.Commit, vote.Length), vote);
    }

    public void AddMark(WalRecordKind kind, SnapshotMark mark)
    {
        var membership = mark.Membership.Encode();
        Add(new WalRecord(kind, default, mark.Term, mark.Index, membership.Length), membership);
    }

    /// <summary>Bytes that a frame of the records so far takes on disk.</summary>
    public int FrameBytes() => WalFormat.AlignToSector(WalFrameHeader.Bytes + RecordBytes);

    /// <summary>Bytes that a new segment needs to hold its header, the frame with repeated state, and a witness.</summary>
    public static long SegmentBytesFor(int recordBytes) =>
        (2 * WalFormat.SectorBytes) + WalFormat.AlignToSector((long)WalFrameHeader.Bytes + CarryBytesMax + recordBytes);

    /// <summary>Completes a frame that continues a segment.</summary>
    public ReadOnlySpan<byte> Seal(WalFrameHeader header, ulong salt, out uint chain) =>
        SealFrom(RecordsStart - WalFrameHeader.Bytes, header with { Records = Records }, salt, out chain);

    /// <summary>Completes a frame that begins a segment: header sector, repeated state, records.</summary>
    public ReadOnlySpan<byte> SealWithSegment(
        WalSegmentHeader segment, WalFrameHeader header, in HardState hardState, SnapshotMark? baseMark,
        out uint chain)
    {
        var carry = new WalBuffer();
        carry.AddHardState(hardState);
        if (baseMark is not null)
        {
            carry.AddMark(WalRecordKind.Base, baseMark);
        }

        Invariant.Check(carry.RecordBytes <= CarryBytesMax);
        var recordsStart = RecordsStart - carry.RecordBytes;
        carry._bytes.AsSpan(RecordsStart, carry.RecordBytes).CopyTo(_bytes.AsSpan(recordsStart));
        var frameStart = recordsStart - WalFrameHeader.Bytes;
        var records = Records + carry.Records;
        var frame = SealFrom(frameStart, header with { Records = records }, segment.Salt, out chain);
        var segmentStart = frameStart - WalFormat.SectorBytes;
        segment.WriteTo(_bytes.AsSpan(segmentStart, WalFormat.SectorBytes));
        return _bytes.AsSpan(segmentStart, WalFormat.SectorBytes + frame.Length);
    }

    public void Clear()
    {
        _end = RecordsStart;
        Records = 0;
        if (_bytes.Length > KeepBytesMax)
        {
            _bytes = new byte[InitialBytes];
        }
    }

    private void Add(in WalRecord record, ReadOnlySpan<byte> payload)
    {
        var total = record.TotalBytes;
        Reserve(total);
        record.WriteTo(_bytes.AsSpan(_end), payload);
        _end += total;
        Records++;
    }

    private ReadOnlySpan<byte> SealFrom(
        int start, WalFrameHeader header, ulong salt, out uint chain)
    {
        var frameLength = _end - start;
        chain = (header with { Length = frameLength }).WriteTo(_bytes.AsSpan(start), salt);
        var at = start + WalFrameHeader.Bytes;
        while (at < _end)
        {
            at += WalRecord.Seal(_bytes.AsSpan(at, _end - at), salt, header.Position.Offset + (at - start), ref chain);
        }

        Invariant.Check(at == _end);
        var padded = WalFormat.AlignToSector(frameLength);
        _bytes.AsSpan(_end, padded - frameLength).Clear();
        return _bytes.AsSpan(start, padded);
    }

    private void Reserve(int bytes)
    {
        // One sector more than the records, for the padding.
        var needed = (long)_end + bytes + WalFormat.SectorBytes;
        Invariant.Check(needed <= WalFormat.FrameBytesMax);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(WalFormat.FrameBytesMax, Math.Max(needed, 2L * _bytes.Length)));
        }
    }
}

using System.Buffers.Binary;
using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>
/// Head of one record. The check sum covers the head, the payload, the place in the log and, by starting from the check
/// sum of the record before, everything back to the start of the log.
/// </summary>
internal readonly record struct WalRecord(
    WalRecordKind Kind, EntryKind EntryKind, Term Term, LogIndex Index, int PayloadBytes)
{
    public const int HeaderBytes = 32;

    /// <summary>Payload of a hard state: the vote.</summary>
    public const int HardStatePayloadBytes = 8;

    private const int ChecksumOffset = 4;
    private const int CoveredOffset = 8;
    private const int AlignBytes = 8;

    /// <summary>Bytes the record takes: records start on multiples of eight.</summary>
    public int TotalBytes => Size(PayloadBytes);

    public static int Size(int payloadBytes) => HeaderBytes + ((payloadBytes + AlignBytes - 1) & ~(AlignBytes - 1));

    /// <summary>Writes everything but the check sum, which waits for <see cref="Seal"/>.</summary>
    public void WriteTo(Span<byte> bytes, ReadOnlySpan<byte> payload)
    {
        Invariant.Check(payload.Length == PayloadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, PayloadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumOffset..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Term.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Index.Value);
        bytes[24] = (byte)Kind;
        bytes[25] = (byte)EntryKind;
        bytes[26..HeaderBytes].Clear();
        payload.CopyTo(bytes[HeaderBytes..]);
        bytes[(HeaderBytes + PayloadBytes)..TotalBytes].Clear();
    }

    /// <summary>Computes and stores the check sum of the record at the start of <paramref name="bytes"/>.</summary>
    /// <param name="offset">Where in the segment the record will stand.</param>
    /// <param name="chain">Check sum before it on entry, its own on return.</param>
    /// <returns>The record's size.</returns>
    public static int Seal(Span<byte> bytes, ulong salt, long offset, ref uint chain)
    {
        var total = Size(BinaryPrimitives.ReadInt32LittleEndian(bytes));
        chain = Checksum(bytes[..total], salt, offset, chain);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumOffset..], chain);
        return total;
    }

    /// <summary>Reads and verifies the record at the start of <paramref name="bytes"/>.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, ulong salt, long offset, ref uint chain, out WalRecord record)
    {
        record = default;
        if (bytes.Length < HeaderBytes)
        {
            return false;
        }

        var payloadBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (payloadBytes < 0 || payloadBytes > bytes.Length - HeaderBytes || Size(payloadBytes) > bytes.Length)
        {
            return false;
        }

        var checksum = Checksum(bytes[..Size(payloadBytes)], salt, offset, chain);
        if (checksum != BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]))
        {
            return false;
        }

        chain = checksum;
        record = Read(bytes);
        return true;
    }

    /// <summary>Reads the head of a record that has been verified.</summary>
    public static WalRecord Read(ReadOnlySpan<byte> bytes) => new(
        (WalRecordKind)bytes[24],
        (EntryKind)bytes[25],
        new Term(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..])),
        new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(bytes[16..])),
        BinaryPrimitives.ReadInt32LittleEndian(bytes));

    private static uint Checksum(ReadOnlySpan<byte> record, ulong salt, long offset, uint chain)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(record);
        var state = Crc32C.Update(~chain, salt);
        state = Crc32C.Update(state, ((ulong)offset << 32) ^ length);
        return ~Crc32C.Update(state, record[CoveredOffset..]);
    }
}

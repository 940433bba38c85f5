using System.Buffers.Binary;

namespace RestKv.Storage.Wal;

/// <summary>
/// Head of a frame, the unit of one flush: a frame is recovered whole or not at all. Its check sum does not depend on
/// anything before it, so that recovery can find it behind damage; <see cref="PreviousEnd"/> is then the proof that
/// everything up to there had been made durable.
/// </summary>
/// <param name="Position">Where the frame stands.</param>
/// <param name="Flush">Number of the flush, one more than the one before.</param>
/// <param name="PreviousEnd">Where the previous flush ended: it was durable before this frame was written.</param>
/// <param name="Length">Bytes of header and records, without the padding to the next sector.</param>
/// <param name="PreviousChain">Check sum of the record before this frame.</param>
/// <param name="Records">Number of records.</param>
/// <param name="Incarnation">The start of the process that wrote it.</param>
internal readonly record struct WalFrameHeader(
    WalPosition Position,
    long Flush,
    WalPosition PreviousEnd,
    int Length,
    uint PreviousChain,
    int Records,
    long Incarnation)
{
    public const int Bytes = 72;

    private const uint Magic = 0x31464B52; // "RKF1"
    private const int ChecksumOffset = 4;
    private const int CoveredOffset = 8;

    /// <summary>Writes the header and returns its check sum, which the first record's chains to.</summary>
    public uint WriteTo(Span<byte> bytes, ulong salt)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Position.Segment);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Position.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], Flush);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], PreviousEnd.Segment);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], PreviousEnd.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[48..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[52..], PreviousChain);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[56..], Records);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[60..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[64..], Incarnation);
        var checksum = Checksum(bytes, salt);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumOffset..], checksum);
        return checksum;
    }

    /// <summary>Reads a header that claims to stand at <paramref name="position"/>; false when it is anything else.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, ulong salt, WalPosition position, out WalFrameHeader header, out uint checksum)
    {
        header = default;
        checksum = 0;
        if (bytes.Length < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) != position.Segment
            || BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]) != position.Offset)
        {
            return false;
        }

        checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]);
        if (checksum != Checksum(bytes, salt))
        {
            return false;
        }

        header = new WalFrameHeader(
            position,
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            new WalPosition(
                BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[40..])),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[48..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[52..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[56..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]));
        return header.Length is >= Bytes and <= WalFormat.FrameBytesMax && header.Records >= 0;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes, ulong salt) =>
        ~Crc32C.Update(Crc32C.Update(Crc32C.Start, salt), bytes[CoveredOffset..Bytes]);
}

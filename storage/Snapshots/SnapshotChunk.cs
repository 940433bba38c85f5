using System.Buffers.Binary;

namespace RestKv.Storage.Snapshots;

/// <summary>
/// Head of a chunk: length, check sum, number. The sum starts from the header's, so that a chunk of another snapshot or
/// from another place does not pass.
/// </summary>
internal static class SnapshotChunk
{
    private const int ChecksumOffset = 4;

    /// <summary>Where a chunk stands in the file.</summary>
    public static long OffsetOf(long number) =>
        SnapshotFormat.HeaderBytes + (number * (SnapshotFormat.ChunkHeaderBytes + SnapshotFormat.ChunkBytes));

    /// <summary>Writes the head in front of the data that is already in place.</summary>
    public static void Seal(Span<byte> chunk, uint headerChecksum, long number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(chunk, chunk.Length - SnapshotFormat.ChunkHeaderBytes);
        BinaryPrimitives.WriteInt64LittleEndian(chunk[8..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[ChecksumOffset..], Checksum(chunk, headerChecksum));
    }

    /// <summary>True when the bytes are exactly the chunk of that number.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> chunk, uint headerChecksum, long number) =>
        chunk.Length >= SnapshotFormat.ChunkHeaderBytes
        && BinaryPrimitives.ReadInt32LittleEndian(chunk) == chunk.Length - SnapshotFormat.ChunkHeaderBytes
        && BinaryPrimitives.ReadInt64LittleEndian(chunk[8..]) == number
        && BinaryPrimitives.ReadUInt32LittleEndian(chunk[ChecksumOffset..]) == Checksum(chunk, headerChecksum);

    private static uint Checksum(ReadOnlySpan<byte> chunk, uint headerChecksum)
    {
        var state = Crc32C.Update(Crc32C.Start, ((ulong)headerChecksum << 32) | (uint)chunk.Length);
        return ~Crc32C.Update(state, chunk[8..]);
    }
}

using System.Buffers.Binary;
using RestKv.Raft;

namespace RestKv.Storage.Snapshots;

/// <summary>First block of a snapshot file: whose it is and which place in the log it stands for.</summary>
internal sealed record SnapshotHeader(ClusterId Cluster, SnapshotMark Mark)
{
    private const int ChecksumOffset = 12;
    private const int CoveredOffset = 16;
    private const int MembershipOffset = 48;

    private static ReadOnlySpan<byte> Magic => "RESTKVSN"u8;

    /// <summary>Fills the whole block and returns its check sum, which the chunks' start from.</summary>
    public uint WriteTo(Span<byte> block)
    {
        Invariant.Check(block.Length == SnapshotFormat.HeaderBytes);
        var membership = Mark.Membership.Encode();
        block.Clear();
        Magic.CopyTo(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block[8..], SnapshotFormat.Version);
        BinaryPrimitives.WriteInt64LittleEndian(block[16..], Cluster.Value);
        BinaryPrimitives.WriteInt64LittleEndian(block[24..], Mark.Index.Value);
        BinaryPrimitives.WriteInt64LittleEndian(block[32..], Mark.Term.Value);
        BinaryPrimitives.WriteInt32LittleEndian(block[40..], SnapshotFormat.ChunkBytes);
        BinaryPrimitives.WriteInt32LittleEndian(block[44..], membership.Length);
        membership.CopyTo(block[MembershipOffset..]);
        var checksum = Checksum(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block[ChecksumOffset..], checksum);
        return checksum;
    }

    /// <summary>Reads a block; null when it is no intact header of format version 1.</summary>
    public static SnapshotHeader? TryRead(ReadOnlySpan<byte> block, out uint checksum)
    {
        checksum = 0;
        if (block.Length != SnapshotFormat.HeaderBytes || !block.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(block[8..]) != SnapshotFormat.Version)
        {
            return null;
        }

        checksum = BinaryPrimitives.ReadUInt32LittleEndian(block[ChecksumOffset..]);
        if (checksum != Checksum(block)
            || BinaryPrimitives.ReadInt32LittleEndian(block[40..]) != SnapshotFormat.ChunkBytes)
        {
            return null;
        }

        var membershipBytes = BinaryPrimitives.ReadInt32LittleEndian(block[44..]);
        if (membershipBytes < 0 || membershipBytes > block.Length - MembershipOffset
            || !Membership.TryDecode(block.Slice(MembershipOffset, membershipBytes), out var membership))
        {
            return null;
        }

        return new SnapshotHeader(
            new ClusterId(BinaryPrimitives.ReadInt64LittleEndian(block[16..])),
            new SnapshotMark(
                new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(block[24..])),
                new Term(BinaryPrimitives.ReadInt64LittleEndian(block[32..])),
                membership));
    }

    private static uint Checksum(ReadOnlySpan<byte> block) =>
        ~Crc32C.Update(Crc32C.Update(Crc32C.Start, block[..ChecksumOffset]), block[CoveredOffset..]);
}

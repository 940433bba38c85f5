using System.Buffers.Binary;
using System.Security.Cryptography;
using RestKv.Raft;

namespace RestKv.Storage.Snapshots;

/// <summary>Last block of a snapshot file: how much there is, and the digest of everything before it.</summary>
internal readonly record struct SnapshotFooter(long DataBytes)
{
    private const int ChecksumOffset = 12;
    private const int CoveredOffset = 16;
    private const int DigestOffset = 32;

    private static ReadOnlySpan<byte> Magic => "RESTKVSE"u8;

    public void WriteTo(Span<byte> block, ReadOnlySpan<byte> digest)
    {
        Invariant.Check(block.Length == SnapshotFormat.FooterBytes);
        Invariant.Check(digest.Length == SHA256.HashSizeInBytes);
        block.Clear();
        Magic.CopyTo(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block[8..], SnapshotFormat.Version);
        BinaryPrimitives.WriteInt64LittleEndian(block[16..], DataBytes);
        digest.CopyTo(block[DigestOffset..]);
        BinaryPrimitives.WriteUInt32LittleEndian(block[ChecksumOffset..], Checksum(block));
    }

    public static bool TryRead(ReadOnlySpan<byte> block, out SnapshotFooter footer, out byte[] digest)
    {
        footer = default;
        digest = [];
        if (block.Length != SnapshotFormat.FooterBytes || !block.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(block[ChecksumOffset..]) != Checksum(block))
        {
            return false;
        }

        footer = new SnapshotFooter(BinaryPrimitives.ReadInt64LittleEndian(block[16..]));
        digest = block[DigestOffset..].ToArray();
        return footer.DataBytes >= 0;
    }

    private static uint Checksum(ReadOnlySpan<byte> block) =>
        ~Crc32C.Update(Crc32C.Update(Crc32C.Start, block[..ChecksumOffset]), block[CoveredOffset..]);
}

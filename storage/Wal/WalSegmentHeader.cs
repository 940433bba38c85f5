using System.Buffers.Binary;
using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>First sector of a segment: what the segment is and where the log stood when it began.</summary>
/// <param name="Cluster">Owner of the log.</param>
/// <param name="Node">Owner of the log.</param>
/// <param name="Segment">Sequence number of the segment, from 1.</param>
/// <param name="FirstIndex">Index of the first entry that can be in it, when it was begun.</param>
/// <param name="Salt">See <see cref="WalFormat.SegmentSalt"/>; kept here for tools that read a segment alone.</param>
/// <param name="PreviousEnd">Where the previous flush ended: durable when this was written.</param>
/// <param name="PreviousChain">Chain value there.</param>
/// <param name="FirstFlush">Number of the first flush in this segment.</param>
internal readonly record struct WalSegmentHeader(
    ClusterId Cluster,
    NodeId Node,
    long Segment,
    LogIndex FirstIndex,
    ulong Salt,
    WalPosition PreviousEnd,
    uint PreviousChain,
    long FirstFlush)
{
    private const int ChecksumOffset = 8;
    private const int CoveredOffset = 12;

    private static ReadOnlySpan<byte> Magic => "RESTKVWL"u8;

    /// <summary>Fills one whole sector.</summary>
    public void WriteTo(Span<byte> sector)
    {
        Invariant.Check(sector.Length == WalFormat.SectorBytes);
        sector.Clear();
        Magic.CopyTo(sector);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[12..], WalFormat.Version);
        BinaryPrimitives.WriteInt64LittleEndian(sector[16..], Cluster.Value);
        BinaryPrimitives.WriteInt64LittleEndian(sector[24..], Node.Value);
        BinaryPrimitives.WriteInt64LittleEndian(sector[32..], Segment);
        BinaryPrimitives.WriteInt64LittleEndian(sector[40..], FirstIndex.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[48..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(sector[56..], PreviousEnd.Segment);
        BinaryPrimitives.WriteInt64LittleEndian(sector[64..], PreviousEnd.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[72..], PreviousChain);
        BinaryPrimitives.WriteInt64LittleEndian(sector[80..], FirstFlush);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[ChecksumOffset..], Checksum(sector));
    }

    /// <summary>Reads a sector; false when it is no intact header of format version 1.</summary>
    public static bool TryRead(ReadOnlySpan<byte> sector, out WalSegmentHeader header)
    {
        header = default;
        if (sector.Length < WalFormat.SectorBytes || !sector.StartsWith(Magic))
        {
            return false;
        }

        sector = sector[..WalFormat.SectorBytes];
        if (BinaryPrimitives.ReadUInt32LittleEndian(sector[ChecksumOffset..]) != Checksum(sector)
            || BinaryPrimitives.ReadUInt32LittleEndian(sector[12..]) != WalFormat.Version)
        {
            return false;
        }

        header = new WalSegmentHeader(
            new ClusterId(BinaryPrimitives.ReadInt64LittleEndian(sector[16..])),
            new NodeId(BinaryPrimitives.ReadInt64LittleEndian(sector[24..])),
            BinaryPrimitives.ReadInt64LittleEndian(sector[32..]),
            new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(sector[40..])),
            BinaryPrimitives.ReadUInt64LittleEndian(sector[48..]),
            new WalPosition(
                BinaryPrimitives.ReadInt64LittleEndian(sector[56..]),
                BinaryPrimitives.ReadInt64LittleEndian(sector[64..])),
            BinaryPrimitives.ReadUInt32LittleEndian(sector[72..]),
            BinaryPrimitives.ReadInt64LittleEndian(sector[80..]));
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> sector) => ~Crc32C.Update(Crc32C.Start, sector[CoveredOffset..]);
}

using System.Buffers.Binary;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>Which snapshot file is offered: equal ones are equal files on every member, so a transfer may go on from any of them.</summary>
internal readonly record struct PeerSnapshotOffer(LogIndex Index, Term Term, long Bytes)
{
    private const int EncodedBytes = 24;

    /// <summary>More than any snapshot: a length is a promise of what is to come, and is checked as one.</summary>
    private const long BytesMax = 1L << 40;

    public byte[] Encode()
    {
        var bytes = new byte[EncodedBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Index.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Term.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Bytes);
        return bytes;
    }

    public static bool TryDecode(ReadOnlySpan<byte> bytes, out PeerSnapshotOffer offer)
    {
        offer = default;
        if (bytes.Length != EncodedBytes)
        {
            return false;
        }

        offer = new PeerSnapshotOffer(
            new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            new Term(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..])),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
        return offer.Index.Value > 0 && offer.Term.Value > 0 && offer.Bytes is > 0 and <= BytesMax;
    }
}

using System.Buffers.Binary;
using RestKv.Core.Replication;

namespace RestKv.Core.Mvcc;

/// <summary>
/// Cuts a stream of fields into blocks <c>length u32 | hash u64 | bytes</c>, the hash running on over all blocks; a block
/// of length 0 ends it. So a reader never reads past the end, never trusts an unchecked byte, and never needs more memory
/// than one block.
/// </summary>
internal sealed class SnapshotBlockWriter(ISnapshotSink sink)
{
    public const int BlockBytesMax = 64 << 10;
    public const int HeadBytes = sizeof(uint) + sizeof(ulong);

    private readonly byte[] _block = new byte[HeadBytes + BlockBytesMax];
    private int _used;
    private ulong _hash = StateHash.Seed;

    public void Byte(byte value) => Room(1)[0] = value;

    public void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(sizeof(ulong)), value);

    /// <summary>Seven bits a byte, low bits first, the top bit set in all but the last.</summary>
    public void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    /// <summary>Small for small values of either sign.</summary>
    public void SignedVarint(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_used == BlockBytesMax)
            {
                Flush();
            }

            var part = Math.Min(bytes.Length, BlockBytesMax - _used);
            bytes[..part].CopyTo(_block.AsSpan(HeadBytes + _used));
            _used += part;
            bytes = bytes[part..];
        }
    }

    public void End()
    {
        if (_used > 0)
        {
            Flush();
        }

        Flush();
    }

    private Span<byte> Room(int bytes)
    {
        if (_used + bytes > BlockBytesMax)
        {
            Flush();
        }

        var room = _block.AsSpan(HeadBytes + _used, bytes);
        _used += bytes;
        return room;
    }

    private void Flush()
    {
        _hash = StateHash.Of(_block.AsSpan(HeadBytes, _used), _hash);
        BinaryPrimitives.WriteUInt32LittleEndian(_block, (uint)_used);
        BinaryPrimitives.WriteUInt64LittleEndian(_block.AsSpan(sizeof(uint)), _hash);
        sink.Write(_block.AsSpan(0, HeadBytes + _used));
        _used = 0;
    }
}

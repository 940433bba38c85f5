using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using RestKv.Core.Replication;

namespace RestKv.Core.Mvcc;

/// <summary>Reads what <see cref="SnapshotBlockWriter"/> wrote; throws <see cref="SnapshotCorruptException"/> otherwise.</summary>
internal sealed class SnapshotBlockReader(ISnapshotSource source)
{
    private readonly byte[] _head = new byte[SnapshotBlockWriter.HeadBytes];
    private readonly byte[] _block = new byte[SnapshotBlockWriter.BlockBytesMax];
    private int _at;
    private int _length;
    private ulong _hash = StateHash.Seed;

    public byte Byte()
    {
        if (_at == _length)
        {
            NextBlock();
        }

        return _block[_at++];
    }

    public ulong Fixed64()
    {
        // The writer never splits a fixed field.
        if (_length - _at < sizeof(ulong))
        {
            NextBlock();
        }

        Check(_length - _at >= sizeof(ulong), "fixed field cut short");
        _at += sizeof(ulong);
        return BinaryPrimitives.ReadUInt64LittleEndian(_block.AsSpan(_at - sizeof(ulong)));
    }

    public ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        Fail("number too long");
        return 0;
    }

    /// <summary>A number in [0, max].</summary>
    public long Number(long max)
    {
        var value = Varint();
        Check(value <= (ulong)max, "number out of bounds");
        return (long)value;
    }

    public long SignedVarint()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public void Bytes(Span<byte> into)
    {
        while (into.Length > 0)
        {
            if (_at == _length)
            {
                NextBlock();
            }

            var part = Math.Min(into.Length, _length - _at);
            _block.AsSpan(_at, part).CopyTo(into);
            _at += part;
            into = into[part..];
        }
    }

    /// <summary>Nothing may be left but the end mark, which is consumed.</summary>
    public void End()
    {
        Check(_at == _length, "bytes after the last record");
        ReadBlock();
        Check(_length == 0, "block after the last record");
    }

    public static void Check([DoesNotReturnIf(false)] bool isSound, string message)
    {
        if (!isSound)
        {
            Fail(message);
        }
    }

    [DoesNotReturn]
    private static void Fail(string message) => throw new SnapshotCorruptException(message);

    private void NextBlock()
    {
        Check(_at == _length, "field split over blocks");
        ReadBlock();
        Check(_length > 0, "ends too early");
    }

    private void ReadBlock()
    {
        Fill(_head);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_head);
        Check(length <= SnapshotBlockWriter.BlockBytesMax, "block too long");
        _at = 0;
        _length = (int)length;
        Fill(_block.AsSpan(0, _length));
        _hash = StateHash.Of(_block.AsSpan(0, _length), _hash);
        Check(_hash == BinaryPrimitives.ReadUInt64LittleEndian(_head.AsSpan(sizeof(uint))), "block does not match its hash");
    }

    private void Fill(Span<byte> into)
    {
        while (into.Length > 0)
        {
            var read = source.Read(into);
            Check(read > 0, "cut short");
            into = into[read..];
        }
    }
}

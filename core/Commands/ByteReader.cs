using System.Buffers.Binary;

namespace RestKv.Core.Commands;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote. Never throws on bad data: after the first fault every read gives zero or
/// empty and <see cref="IsFaulted"/> stays true. Byte strings are views into the source.
/// </summary>
public struct ByteReader(ReadOnlyMemory<byte> source)
{
    private readonly ReadOnlyMemory<byte> _source = source;
    private int _offset;

    public bool IsFaulted { get; private set; }

    public readonly bool IsAtEnd => _offset == _source.Length;

    public readonly int Remaining => _source.Length - _offset;

    public byte ReadByte()
    {
        if (!Has(1))
        {
            return 0;
        }

        return _source.Span[_offset++];
    }

    public bool ReadBool()
    {
        var value = ReadByte();
        if (value > 1)
        {
            IsFaulted = true;
        }

        return value == 1;
    }

    public long ReadInt64()
    {
        if (!Has(8))
        {
            return 0;
        }

        _offset += 8;
        return BinaryPrimitives.ReadInt64LittleEndian(_source.Span[(_offset - 8)..]);
    }

    public ulong ReadUInt64() => (ulong)ReadInt64();

    public long ReadCount()
    {
        ulong value = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var part = ReadByte();
            if (IsFaulted)
            {
                return 0;
            }

            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return (long)value;
            }
        }

        IsFaulted = true;
        return 0;
    }

    /// <summary>A count of things that take at least one byte each: anything larger than what is left is a fault.</summary>
    public int ReadLength()
    {
        var count = ReadCount();
        if (count > Remaining)
        {
            IsFaulted = true;
            return 0;
        }

        return (int)count;
    }

    public ReadOnlyMemory<byte> ReadBytes()
    {
        var length = ReadLength();
        if (!Has(length))
        {
            return default;
        }

        _offset += length;
        return _source.Slice(_offset - length, length);
    }

    public string ReadText()
    {
        var bytes = ReadBytes();
        return bytes.IsEmpty ? "" : System.Text.Encoding.UTF8.GetString(bytes.Span);
    }

    public void Fault() => IsFaulted = true;

    private bool Has(int count)
    {
        if (IsFaulted || Remaining < count)
        {
            IsFaulted = true;
            return false;
        }

        return true;
    }
}

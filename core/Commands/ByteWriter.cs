using System.Buffers.Binary;
using RestKv.Raft;

namespace RestKv.Core.Commands;

/// <summary>Growing little-endian writer of the kernel's binary forms. Owned by one thread; reusable after <see cref="Clear"/>.</summary>
public sealed class ByteWriter(int capacity = 256)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public byte[] ToArray() => Written.ToArray();

    public void Clear() => Length = 0;

    public void WriteByte(byte value) => Grow(1)[0] = value;

    public void WriteBool(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Grow(8), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Grow(8), value);

    /// <summary>Unsigned LEB128; <paramref name="value"/> must not be negative.</summary>
    public void WriteCount(long value)
    {
        Invariant.Check(value >= 0);
        var rest = (ulong)value;
        while (rest >= 0x80)
        {
            WriteByte((byte)(rest | 0x80));
            rest >>= 7;
        }

        WriteByte((byte)rest);
    }

    /// <summary>Length as a count, then the bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteCount(bytes.Length);
        bytes.CopyTo(Grow(bytes.Length));
    }

    public void WriteText(string text)
    {
        WriteCount(System.Text.Encoding.UTF8.GetByteCount(text));
        var start = Length;
        Grow(System.Text.Encoding.UTF8.GetByteCount(text));
        System.Text.Encoding.UTF8.GetBytes(text, _bytes.AsSpan(start));
    }

    private Span<byte> Grow(int count)
    {
        if ((long)Length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Max((long)Length + count, Math.Min(_bytes.Length * 2L, Array.MaxLength)));
        }

        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}

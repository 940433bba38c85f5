using System.Buffers;
using System.Buffers.Text;

namespace RestKv.Api.Watch;

/// <summary>Small frames are put together in one span of the output, large ones go piece by piece.</summary>
internal static class FrameBuffer
{
    /// <summary>Longer frames are not asked for as one span: the output would have to allocate.</summary>
    public const int OneSpanMax = 3 << 10;

    /// <summary>Digits of a long.</summary>
    public const int NumberMax = 20;

    public static int Append(Span<byte> output, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output[at..]);
        return at + bytes.Length;
    }

    public static int Append(Span<byte> output, int at, long number)
    {
        Raft.Invariant.Check(Utf8Formatter.TryFormat(number, output[at..], out var written));
        return at + written;
    }

    public static int Write(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        return bytes.Length;
    }
}

using System.Text;

namespace RestKv.Checkers.Model;

/// <summary>Byte strings as Latin-1 strings: one character per byte, so ordinal order is byte order and equality is plain.</summary>
public static class Bytes
{
    public static string Name(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    public static string Name(ReadOnlyMemory<byte> bytes) => Encoding.Latin1.GetString(bytes.Span);

    public static byte[] Of(string name) => Encoding.Latin1.GetBytes(name);

    public static bool Same(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right) => left.Span.SequenceEqual(right.Span);
}

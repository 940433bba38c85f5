using System.Runtime.CompilerServices;

namespace RestKv.Core.Mvcc;

/// <summary>Builds and cuts the packed separators of an <see cref="InnerNode"/>. Every operation makes a new array.</summary>
internal static class SeparatorPack
{
    public static ReadOnlySpan<byte> Get(byte[] pack, int count, int index)
    {
        var from = index == 0 ? 0 : End(pack, index - 1);
        return pack.AsSpan((count * sizeof(int)) + from, End(pack, index) - from);
    }

    public static byte[] Of(List<byte[]> separators)
    {
        var result = Create(separators.Count, separators.Sum(static separator => separator.Length));
        var at = 0;
        for (var i = 0; i < separators.Count; i++)
        {
            at = Append(result, separators.Count, i, at, separators[i]);
        }

        return result;
    }

    public static byte[] Insert(byte[] pack, int count, int index, ReadOnlySpan<byte> separator)
    {
        var result = Create(count + 1, pack.Length - (count * sizeof(int)) + separator.Length);
        var at = Copy(result, count + 1, 0, 0, pack, count, 0, index);
        at = Append(result, count + 1, index, at, separator);
        Copy(result, count + 1, index + 1, at, pack, count, index, count);
        return result;
    }

    public static byte[] Remove(byte[] pack, int count, int index)
    {
        var result = Create(count - 1, pack.Length - (count * sizeof(int)) - Get(pack, count, index).Length);
        var at = Copy(result, count - 1, 0, 0, pack, count, 0, index);
        Copy(result, count - 1, index, at, pack, count, index + 1, count);
        return result;
    }

    public static byte[] Slice(byte[] pack, int count, int from, int to)
    {
        var bytes = from == to ? 0 : End(pack, to - 1) - (from == 0 ? 0 : End(pack, from - 1));
        var result = Create(to - from, bytes);
        Copy(result, to - from, 0, 0, pack, count, from, to);
        return result;
    }

    /// <summary>Left, then the separator between the two nodes, then right.</summary>
    public static byte[] Join(byte[] left, int leftCount, ReadOnlySpan<byte> between, byte[] right, int rightCount)
    {
        var count = leftCount + rightCount + 1;
        var bytes = left.Length - (leftCount * sizeof(int)) + right.Length - (rightCount * sizeof(int)) + between.Length;
        var result = Create(count, bytes);
        var at = Copy(result, count, 0, 0, left, leftCount, 0, leftCount);
        at = Append(result, count, leftCount, at, between);
        Copy(result, count, leftCount + 1, at, right, rightCount, 0, rightCount);
        return result;
    }

    /// <summary>The shortest key above <paramref name="low"/> and not above <paramref name="high"/>.</summary>
    public static ReadOnlySpan<byte> Between(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high) =>
        high[..(low.CommonPrefixLength(high) + 1)];

    private static byte[] Create(int count, int bytes) => new byte[(count * sizeof(int)) + bytes];

    private static int Append(byte[] into, int count, int index, int at, ReadOnlySpan<byte> separator)
    {
        separator.CopyTo(into.AsSpan((count * sizeof(int)) + at));
        SetEnd(into, index, at + separator.Length);
        return at + separator.Length;
    }

    private static int Copy(
        byte[] into, int intoCount, int index, int at, byte[] from, int fromCount, int start, int stop)
    {
        for (var i = start; i < stop; i++)
        {
            at = Append(into, intoCount, index + i - start, at, Get(from, fromCount, i));
        }

        return at;
    }

    private static int End(byte[] pack, int index) => Unsafe.ReadUnaligned<int>(ref pack[index * sizeof(int)]);

    private static void SetEnd(byte[] pack, int index, int end) =>
        Unsafe.WriteUnaligned(ref pack[index * sizeof(int)], end);
}

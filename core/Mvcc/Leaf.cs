using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RestKv.Core.Mvcc;

/// <summary>
/// A leaf of <see cref="PackedTree"/> is one byte array of exactly the size it needs:
/// <c>count i32 | zero i32 | values i64 × count | ends i32 × count | key bytes</c>, keys ascending.
/// Its keys never change once it is reachable; a value is replaced in place by one aligned 8-byte store, which readers on
/// other threads see whole. Everything else makes a new array.
/// </summary>
internal static class Leaf
{
    public static readonly byte[] Empty = new byte[ValuesAt];

    private const int ValuesAt = 8;

    /// <summary>Bytes a key costs in a leaf besides itself.</summary>
    public const int EntryBytes = sizeof(long) + sizeof(int);

    public static int Count(byte[] leaf) => Unsafe.As<byte, int>(ref MemoryMarshal.GetArrayDataReference(leaf));

    public static long Value(byte[] leaf, int index) => Volatile.Read(ref ValueRef(leaf, index));

    public static void SetValue(byte[] leaf, int index, long value) => Volatile.Write(ref ValueRef(leaf, index), value);

    public static ReadOnlySpan<byte> Key(byte[] leaf, int index)
    {
        var count = Count(leaf);
        var from = index == 0 ? 0 : End(leaf, count, index - 1);
        return leaf.AsSpan(KeysAt(count) + from, End(leaf, count, index) - from);
    }

    /// <summary>The index of the key, or the complement of the index where it belongs.</summary>
    public static int Find(byte[] leaf, ReadOnlySpan<byte> key)
    {
        var count = Count(leaf);
        var keys = leaf.AsSpan(KeysAt(count));
        ref var ends = ref EndRef(leaf, count, 0);
        var low = 0;
        var high = count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var from = middle == 0 ? 0 : Unsafe.Add(ref ends, middle - 1);
            var order = keys[from..Unsafe.Add(ref ends, middle)].SequenceCompareTo(key);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }

    public static byte[] Insert(byte[] leaf, int index, ReadOnlySpan<byte> key, long value)
    {
        var count = Count(leaf);
        var result = Create(count + 1, leaf.Length - KeysAt(count) + key.Length);
        var at = Append(result, 0, 0, leaf, 0, index);
        at = Append(result, index, at, key, value);
        Append(result, index + 1, at, leaf, index, count);
        return result;
    }

    public static byte[] Remove(byte[] leaf, int index)
    {
        var count = Count(leaf);
        if (count == 1)
        {
            return Empty;
        }

        var result = Create(count - 1, leaf.Length - KeysAt(count) - Key(leaf, index).Length);
        var at = Append(result, 0, 0, leaf, 0, index);
        Append(result, index, at, leaf, index + 1, count);
        return result;
    }

    public static byte[] Slice(byte[] leaf, int from, int to)
    {
        var count = Count(leaf);
        var result = Create(to - from, End(leaf, count, to - 1) - (from == 0 ? 0 : End(leaf, count, from - 1)));
        Append(result, 0, 0, leaf, from, to);
        return result;
    }

    public static byte[] Concat(byte[] left, byte[] right)
    {
        var leftCount = Count(left);
        var rightCount = Count(right);
        var keyBytes = left.Length - KeysAt(leftCount) + right.Length - KeysAt(rightCount);
        var result = Create(leftCount + rightCount, keyBytes);
        var at = Append(result, 0, 0, left, 0, leftCount);
        Append(result, leftCount, at, right, 0, rightCount);
        return result;
    }

    /// <summary>Where to cut so that both sides weigh about the same; both get at least one key.</summary>
    public static int Middle(byte[] leaf)
    {
        var count = Count(leaf);
        var half = (leaf.Length - ValuesAt) / 2;
        var cut = 1;
        while (cut < count - 1 && (cut * EntryBytes) + End(leaf, count, cut) < half)
        {
            cut++;
        }

        return cut;
    }

    public static byte[] Create(int count, int keyBytes)
    {
        var leaf = GC.AllocateUninitializedArray<byte>(KeysAt(count) + keyBytes);
        Unsafe.As<byte, long>(ref leaf[0]) = 0;
        Unsafe.As<byte, int>(ref leaf[0]) = count;
        return leaf;
    }

    /// <summary>Writes one entry of a leaf under construction; returns where the next key's bytes go.</summary>
    public static int Append(byte[] into, int index, int at, ReadOnlySpan<byte> key, long value)
    {
        var count = Count(into);
        key.CopyTo(into.AsSpan(KeysAt(count) + at));
        ValueRef(into, index) = value;
        EndRef(into, count, index) = at + key.Length;
        return at + key.Length;
    }

    private static int Append(byte[] into, int index, int at, byte[] from, int start, int stop)
    {
        if (start == stop)
        {
            return at;
        }

        var intoCount = Count(into);
        var fromCount = Count(from);
        var fromByte = start == 0 ? 0 : End(from, fromCount, start - 1);
        var bytes = End(from, fromCount, stop - 1) - fromByte;
        from.AsSpan(KeysAt(fromCount) + fromByte, bytes).CopyTo(into.AsSpan(KeysAt(intoCount) + at));
        from.AsSpan(ValuesAt + (start * sizeof(long)), (stop - start) * sizeof(long))
            .CopyTo(into.AsSpan(ValuesAt + (index * sizeof(long))));
        for (var i = start; i < stop; i++)
        {
            EndRef(into, intoCount, index + i - start) = End(from, fromCount, i) - fromByte + at;
        }

        return at + bytes;
    }

    private static int KeysAt(int count) => ValuesAt + (count * EntryBytes);

    private static int End(byte[] leaf, int count, int index) => EndRef(leaf, count, index);

    private static ref int EndRef(byte[] leaf, int count, int index) => ref Unsafe.As<byte, int>(ref Unsafe.Add(
        ref MemoryMarshal.GetArrayDataReference(leaf), ValuesAt + (count * sizeof(long)) + (index * sizeof(int))));

    // Array data starts 8-byte aligned and so do the values in it: the store cannot tear.
    private static ref long ValueRef(byte[] leaf, int index) =>
        ref Unsafe.As<byte, long>(ref leaf[ValuesAt + (index * sizeof(long))]);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RestKv.Core.Mvcc;

/// <summary>
/// A fast 64-bit hash with fixed constants (the multiply-and-fold of wyhash): equal input gives equal output on every
/// machine. It finds members that differ by fault, not by malice.
/// </summary>
internal static class StateHash
{
    public const ulong Seed = 0x9E3779B97F4A7C15;

    private const ulong K0 = 0xA0761D6478BD642F;
    private const ulong K1 = 0xE7037ED1A0B428DB;
    private const ulong K2 = 0x8EBC6AF09C88C6E3;
    private const ulong K3 = 0x589965CC75374CC3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong left, ulong right)
    {
        var high = Math.BigMul(left ^ K0, right ^ K1, out var low);
        return high ^ low;
    }

    public static ulong Of(string text) => Of(MemoryMarshal.AsBytes(text.AsSpan()), Seed);

    public static ulong Of(ReadOnlySpan<byte> bytes, ulong seed)
    {
        ref var at = ref MemoryMarshal.GetReference(bytes);
        var left = bytes.Length;
        var other = seed ^ K2;
        seed ^= (ulong)(uint)left;
        while (left >= 32)
        {
            seed = Fold(Read(ref at, 0) ^ K0, Read(ref at, 8) ^ seed);
            other = Fold(Read(ref at, 16) ^ K3, Read(ref at, 24) ^ other);
            at = ref Unsafe.Add(ref at, 32);
            left -= 32;
        }

        while (left >= 8)
        {
            seed = Fold(Read(ref at, 0) ^ K1, seed ^ K2);
            at = ref Unsafe.Add(ref at, 8);
            left -= 8;
        }

        var tail = 0UL;
        for (var i = 0; i < left; i++)
        {
            tail |= (ulong)Unsafe.Add(ref at, i) << (8 * i);
        }

        return Mix(seed ^ tail, other);
    }

    private static ulong Read(ref byte at, int offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, offset));

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }
}

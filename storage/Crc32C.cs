using System.Buffers.Binary;
using System.Numerics;

namespace RestKv.Storage;

/// <summary>
/// CRC-32C (Castagnoli) with the processor's instruction, eight bytes at a time. The running state is the raw register
/// (no final inversion), so that formats can chain sums and mix in bytes that are not stored.
/// </summary>
public static class Crc32C
{
    /// <summary>The register before the first byte.</summary>
    public const uint Start = 0xFFFFFFFF;

    /// <summary>The standard check value of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Update(Start, bytes);

    public static uint Update(uint state, ulong value) => BitOperations.Crc32C(state, value);

    public static uint Update(uint state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return state;
    }
}

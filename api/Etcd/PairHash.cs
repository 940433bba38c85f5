using System.Buffers.Binary;
using System.Numerics;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Etcd;

/// <summary>CRC-32C of a revision and of all pairs at it, in key order: the same on every member, whatever each has compacted.</summary>
internal static class PairHash
{
    private const int PairsAtATime = 10_000;

    public static async ValueTask<uint> OfAsync(ReadView view, long revision, CancellationToken cancellationToken)
    {
        var cursor = view.Scan(KeyRange.All, revision);
        var hash = BitOperations.Crc32C(~0u, (ulong)revision);
        while (Add(cursor, ref hash))
        {
            // A large store takes a while; others may have the thread in between.
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return ~hash;
    }

    /// <summary>False when the cursor came to its end.</summary>
    private static bool Add(KeyCursor cursor, ref uint hash)
    {
        Span<byte> numbers = stackalloc byte[4 * sizeof(long)];
        for (var pairs = 0; pairs < PairsAtATime; pairs++)
        {
            if (!cursor.MoveNext())
            {
                return false;
            }

            var pair = cursor.Current;
            BinaryPrimitives.WriteInt64LittleEndian(numbers, pair.CreateRevision);
            BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], pair.ModRevision);
            BinaryPrimitives.WriteInt64LittleEndian(numbers[16..], pair.Lease.Value);
            BinaryPrimitives.WriteInt32LittleEndian(numbers[24..], pair.Key.Length);
            BinaryPrimitives.WriteInt32LittleEndian(numbers[28..], pair.Value.Length);
            hash = Add(pair.Value.Span, Add(pair.Key.Span, Add(numbers, hash)));
        }

        return true;
    }

    private static uint Add(ReadOnlySpan<byte> bytes, uint hash)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            hash = BitOperations.Crc32C(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var one in bytes)
        {
            hash = BitOperations.Crc32C(hash, one);
        }

        return hash;
    }
}

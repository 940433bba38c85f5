using RestKv.Api.Errors;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Endpoints;

/// <summary>
/// A revision holds one version of a key, so a transaction may put a key once and may not put what it deletes. Both branches
/// are looked at, taken or not. Of a nested transaction, the puts of its two branches count as one set, since only one of
/// them runs (etcd contract, section 2.6).
/// </summary>
internal static class TxnDuplicates
{
    public static Problem? Find(Operation.Txn txn)
    {
        var isTwice = !TryCollect(txn.Then, out _) || !TryCollect(txn.Else, out _);
        return isTwice
            ? new Problem(
                ProblemCatalog.TxnDuplicateKey, "a branch puts a key twice, or puts a key that it deletes")
            : null;
    }

    private static bool TryCollect(IReadOnlyList<Operation> operations, out Writes writes)
    {
        writes = new Writes();

        // 1. The deletions of this level: they hold for all puts of the branch, whatever the order.
        foreach (var operation in operations)
        {
            if (operation is Operation.Delete delete)
            {
                writes.Deletes.Add(delete.Range);
            }
        }

        // 2. What nested transactions write.
        foreach (var operation in operations)
        {
            if (operation is Operation.Txn inner && !TryCollectNested(inner, writes))
            {
                return false;
            }
        }

        // 3. The puts of this level.
        foreach (var operation in operations)
        {
            if (operation is Operation.Put put && !writes.TryAdd(put.Key))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryCollectNested(Operation.Txn inner, Writes writes)
    {
        if (!TryCollect(inner.Then, out var then) || !TryCollect(inner.Else, out var otherwise))
        {
            return false;
        }

        foreach (var key in then.Puts)
        {
            if (!writes.TryAdd(key))
            {
                return false;
            }
        }

        foreach (var key in otherwise.Puts)
        {
            // The same key in both branches of the one nested transaction is fine.
            if (!(then.Puts.Contains(key) ? !writes.IsDeleted(key) : writes.TryAdd(key)))
            {
                return false;
            }
        }

        writes.Deletes.AddRange(then.Deletes);
        writes.Deletes.AddRange(otherwise.Deletes);
        return true;
    }

    private sealed class Writes
    {
        public HashSet<ReadOnlyMemory<byte>> Puts { get; } = new(BytesComparer.Instance);

        public List<KeyRange> Deletes { get; } = [];

        public bool TryAdd(ReadOnlyMemory<byte> key) => !IsDeleted(key) && Puts.Add(key);

        public bool IsDeleted(ReadOnlyMemory<byte> key)
        {
            foreach (var range in Deletes)
            {
                if (range.Contains(key.Span))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private sealed class BytesComparer : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public static readonly BytesComparer Instance = new();

        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<byte> obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(obj.Span);
            return hash.ToHashCode();
        }
    }
}

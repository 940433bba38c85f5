using System.Collections.Immutable;
using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Core.Model;
using RestKv.Core.Watch;

namespace RestKv.Api.Etcd;

/// <summary>
/// Finds keys that one branch of a transaction would write twice. All changes of a transaction share a revision, so a key may be
/// put once and not be put and deleted. Of a nested transaction only one branch runs: both may write the same key, and to the
/// outside they count as one. One irregularity is etcd's: a nested transaction's puts do not meet the deletes of those behind it.
/// </summary>
internal static class TxnWrites
{
    public static void Check(IReadOnlyList<RequestOp> branch) => Collect(branch);

    private static Writes Collect(IReadOnlyList<RequestOp> branch)
    {
        var writes = new Writes();
        foreach (var operation in branch)
        {
            if (operation.RequestDeleteRange is { } delete)
            {
                writes.Deletes.Add(KeyRanges.Of(delete.Key.Memory, delete.RangeEnd.Memory));
            }
        }

        foreach (var operation in branch)
        {
            if (operation.RequestTxn is { } nested)
            {
                writes.Take(Collect(nested.Success), Collect(nested.Failure));
            }
        }

        foreach (var operation in branch)
        {
            if (operation.RequestPut is { } put && !writes.TryPut(put.Key))
            {
                throw EtcdFaults.DuplicateKey();
            }
        }

        return writes;
    }

    /// <summary>What a branch writes, the transactions inside it included.</summary>
    private sealed class Writes
    {
        private readonly HashSet<ByteString> _puts = [];
        private ImmutableArray<KeyRange> _union = [];
        private int _unionCount;

        public List<KeyRange> Deletes { get; } = [];

        public bool TryPut(ByteString key) => !IsDeleted(key) && _puts.Add(key);

        /// <summary>Adds what either branch of a nested transaction writes.</summary>
        public void Take(Writes success, Writes failure)
        {
            foreach (var key in success._puts)
            {
                if (!TryPut(key))
                {
                    throw EtcdFaults.DuplicateKey();
                }
            }

            foreach (var key in failure._puts)
            {
                if (!success._puts.Contains(key) && !TryPut(key))
                {
                    throw EtcdFaults.DuplicateKey();
                }
            }

            Deletes.AddRange(success.Deletes);
            Deletes.AddRange(failure.Deletes);
        }

        /// <summary>Deletes are added in a few strokes and asked about often: they are put in order when that begins.</summary>
        private bool IsDeleted(ByteString key)
        {
            if (_unionCount != Deletes.Count)
            {
                _union = RangeUnion.Of(_union.Concat(Deletes.Skip(_unionCount)));
                _unionCount = Deletes.Count;
            }

            return RangeUnion.Contains(_union, key.Span);
        }
    }
}

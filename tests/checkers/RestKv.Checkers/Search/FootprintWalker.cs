using RestKv.Checkers.Model;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.Search;

/// <summary>Walks an operation with its answer (or one possible path of it without) and gathers footprints by key.</summary>
/// <param name="keys">Every key that the history names.</param>
/// <param name="rank">Rank of a value among all values of the history, in byte order.</param>
internal sealed class FootprintWalker(IReadOnlyCollection<string> keys, Func<ReadOnlyMemory<byte>, int> rank)
{
    public SortedDictionary<string, Footprint> ByKey { get; } = new(StringComparer.Ordinal);

    public void Walk(Operation operation, OperationResult result)
    {
        switch (operation, result)
        {
            case (Operation.Put put, OperationResult.Put done):
                var place = At(Bytes.Name(put.Key));
                place.See(done.Created ? KeyCondition.IsMissing : KeyCondition.Exists);
                if (put.ReturnPrevious && done.Previous is { } previous)
                {
                    See(place, previous, withValue: true);
                }

                place.Put(put.KeepValue ? null : rank(put.Value));
                break;
            case (Operation.Delete delete, OperationResult.Delete done):
                WalkDelete(delete, done);
                break;
            case (Operation.Get get, OperationResult.Get done):
                WalkRange(get.Request, done.Result);
                break;
            case (Operation.Txn txn, OperationResult.Txn done):
                WalkCompares(txn, done.Succeeded);
                var taken = done.Succeeded ? txn.Then : txn.Else;
                for (var i = 0; i < taken.Length && i < done.Results.Count; i++)
                {
                    Walk(taken[i], done.Results[i]);
                }

                break;
        }
    }

    /// <summary>What an operation would do, knowing nothing of its answer.</summary>
    public void WalkBlindly(Operation operation)
    {
        switch (operation)
        {
            case Operation.Put put:
                var place = At(Bytes.Name(put.Key));
                if (put.KeepValue)
                {
                    place.See(KeyCondition.Exists);
                }

                place.Put(put.KeepValue ? null : rank(put.Value));
                break;
            case Operation.Delete delete:
                foreach (var key in KeysIn(delete.Range))
                {
                    At(key).Delete();
                }

                break;
        }
    }

    /// <summary>What a complete range answer tells about every key of the history in that range.</summary>
    public void WalkRange(RangeRequest request, RangeResult result)
    {
        if (request.Revision != 0 || request.MinModRevision != 0 || request.MaxModRevision != 0
            || request.MinCreateRevision != 0 || request.MaxCreateRevision != 0)
        {
            return;
        }

        if (request.CountOnly)
        {
            if (request.Range.Kind == KeyRangeKind.Single)
            {
                At(Bytes.Name(request.Range.Start)).See(result.Count > 0 ? KeyCondition.Exists : KeyCondition.IsMissing);
            }

            return;
        }

        SeeItems(request.Range, result.Items, isComplete: !result.More, withValues: !request.KeysOnly);
    }

    /// <summary>Compares look at the state before the whole transaction, so they count even after a write of it.</summary>
    public void WalkCompares(Operation.Txn txn, bool succeeded)
    {
        var conditions = txn.If.Select(compare => (Key: Bytes.Name(compare.Range.Start), Condition: Convert(compare))).ToList();
        if (succeeded)
        {
            foreach (var (key, condition) in conditions)
            {
                if (condition is { } known)
                {
                    At(key).All.Add(known);
                }
            }

            return;
        }

        // A failed list of conditions tells something about a key only if it speaks of that key alone.
        if (conditions.Count > 0 && conditions.TrueForAll(pair => pair.Condition is not null && pair.Key == conditions[0].Key))
        {
            At(conditions[0].Key).NotAll ??= [.. conditions.Select(pair => pair.Condition ?? default)];
        }
    }

    private void WalkDelete(Operation.Delete delete, OperationResult.Delete done)
    {
        if (delete.ReturnPrevious || done.Deleted == 0)
        {
            SeeItems(delete.Range, done.Previous, isComplete: true, withValues: true);
        }
        else if (delete.Range.Kind == KeyRangeKind.Single)
        {
            At(Bytes.Name(delete.Range.Start)).See(KeyCondition.Exists);
        }

        if (done.Deleted > 0)
        {
            WalkBlindly(delete);
        }
    }

    private void SeeItems(KeyRange range, IReadOnlyList<KeyValue> items, bool isComplete, bool withValues)
    {
        var found = items.ToDictionary(item => Bytes.Name(item.Key), StringComparer.Ordinal);
        foreach (var key in KeysIn(range))
        {
            if (found.TryGetValue(key, out var item))
            {
                See(At(key), item, withValues);
            }
            else if (isComplete)
            {
                At(key).See(KeyCondition.IsMissing);
            }
        }
    }

    private void See(Footprint place, KeyValue item, bool withValue)
    {
        place.See(KeyCondition.HasVersion(item.Version));
        if (withValue)
        {
            place.See(KeyCondition.HasValue(rank(item.Value)));
        }
    }

    /// <summary>The condition in terms of value and version, or null when it speaks of what the search does not know.</summary>
    private KeyCondition? Convert(Compare compare) => (compare.Range.Kind, compare.Target) switch
    {
        (not KeyRangeKind.Single, _) => null,
        (_, CompareTarget.Value) => new KeyCondition(true, compare.Operator, rank(compare.Bytes)),
        (_, CompareTarget.Version) => new KeyCondition(false, compare.Operator, compare.Number),
        (_, CompareTarget.CreateRevision or CompareTarget.ModRevision) when compare.Number == 0 =>
            new KeyCondition(false, compare.Operator, 0),
        _ => null,
    };

    private IEnumerable<string> KeysIn(KeyRange range) => range.Kind == KeyRangeKind.Single
        ? [Bytes.Name(range.Start)]
        : keys.Where(key => KvModel.IsIn(range, key));

    private Footprint At(string key)
    {
        if (!ByKey.TryGetValue(key, out var footprint))
        {
            footprint = new Footprint();
            ByKey.Add(key, footprint);
        }

        return footprint;
    }
}

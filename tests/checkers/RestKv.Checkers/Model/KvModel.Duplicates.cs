using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.Model;

public sealed partial class KvModel
{
    /// <summary>
    /// Per branch: no key is put twice and no put falls under a delete, nested branches counted as their union. Both
    /// branches are looked at even though one is taken.
    /// </summary>
    private static bool HasDuplicateKey(Operation.Txn txn) =>
        !TryCollect(txn.Then, out _, out _) || !TryCollect(txn.Else, out _, out _);

    private static bool TryCollect(IEnumerable<Operation> branch, out HashSet<string> puts, out List<KeyRange> deletes)
    {
        puts = [];
        deletes = [];
        List<HashSet<string>> nestedPuts = [];
        foreach (var operation in branch)
        {
            switch (operation)
            {
                case Operation.Put put when !puts.Add(Bytes.Name(put.Key)):
                    return false;
                case Operation.Delete delete:
                    deletes.Add(delete.Range);
                    break;
                case Operation.Txn txn:
                    if (!TryCollect(txn.Then, out var thenPuts, out var thenDeletes)
                        || !TryCollect(txn.Else, out var elsePuts, out var elseDeletes))
                    {
                        return false;
                    }

                    nestedPuts.Add([.. thenPuts, .. elsePuts]);
                    deletes.AddRange(thenDeletes);
                    deletes.AddRange(elseDeletes);

                    // A branch may put what it deletes itself neither before nor after; its own check said so already.
                    break;
            }
        }

        foreach (var nested in nestedPuts)
        {
            foreach (var name in nested)
            {
                if (!puts.Add(name))
                {
                    return false;
                }
            }
        }

        var ranges = deletes;
        return !puts.Any(name => ranges.Exists(range => IsIn(range, name)));
    }
}

using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.Model;

public sealed partial class KvModel
{
    private ModelResult ExecuteWrite(Operation operation)
    {
        if (operation is Operation.Txn txn && HasDuplicateKey(txn))
        {
            return Refuse(new Rejection(RejectionCode.DuplicateKey));
        }

        var path = new Dictionary<Operation.Txn, bool>(ReferenceEqualityComparer.Instance);
        Decide(operation, path);
        List<Rejection> reasons = [];
        Check(operation, path, reasons);
        if (reasons.Count > 0)
        {
            return Refuse([.. reasons]);
        }

        var result = Run(operation, path, DeleteCause.Delete);
        EndEmptyOwnLeases();
        return Accept(result with { Revision = Revision });
    }

    /// <summary>All compares, nested ones too, are judged against the state before the transaction.</summary>
    private void Decide(Operation operation, Dictionary<Operation.Txn, bool> path)
    {
        if (operation is not Operation.Txn txn)
        {
            return;
        }

        path[txn] = txn.If.All(Holds);
        foreach (var inner in txn.Then.Concat(txn.Else))
        {
            Decide(inner, path);
        }
    }

    private bool Holds(Compare compare)
    {
        var live = Live(compare.Range, Revision);
        if (live.Count == 0)
        {
            return compare.Target != CompareTarget.Value && Agrees(compare.Operator, 0L.CompareTo(compare.Number));
        }

        return live.TrueForAll(entry => Agrees(compare.Operator, compare.Target switch
        {
            CompareTarget.Version => entry.Version.CompareTo(compare.Number),
            CompareTarget.CreateRevision => entry.CreateRevision.CompareTo(compare.Number),
            CompareTarget.ModRevision => entry.ModRevision.CompareTo(compare.Number),
            CompareTarget.Lease => entry.Lease.Value.CompareTo(compare.Number),
            _ => string.CompareOrdinal(Bytes.Name(entry.Value), Bytes.Name(compare.Bytes)),
        }));
    }

    private static bool Agrees(CompareOperator op, int order) => op switch
    {
        CompareOperator.Equal => order == 0,
        CompareOperator.NotEqual => order != 0,
        CompareOperator.Greater => order > 0,
        _ => order < 0,
    };

    /// <summary>Collects every reason to refuse the whole, judged against the state before; only taken branches count.</summary>
    private void Check(Operation operation, Dictionary<Operation.Txn, bool> path, List<Rejection> reasons)
    {
        switch (operation)
        {
            case Operation.Put put:
                CheckPut(put, reasons);
                break;
            case Operation.Get get when get.Request.Revision > Revision:
                reasons.Add(new Rejection(RejectionCode.RevisionInFuture, Revision));
                break;
            case Operation.Get get when get.Request.Revision < 0
                || (get.Request.Revision > 0 && get.Request.Revision < CompactedRevision):
                reasons.Add(new Rejection(RejectionCode.RevisionCompacted, CompactedRevision));
                break;
            case Operation.Txn txn:
                foreach (var inner in path[txn] ? txn.Then : txn.Else)
                {
                    Check(inner, path, reasons);
                }

                break;
        }
    }

    private void CheckPut(Operation.Put put, List<Rejection> reasons)
    {
        var exists = Find(Bytes.Name(put.Key), Revision) is not null;
        if ((put.KeepValue || (put.KeepLease && !put.LenientKeep)) && !exists)
        {
            reasons.Add(new Rejection(RejectionCode.KeyNotFound));
        }

        if (!put.Lease.IsNone && !_leases.ContainsKey(put.Lease.Value))
        {
            reasons.Add(new Rejection(RejectionCode.LeaseNotFound, put.Lease.Value));
        }
    }

    private OperationResult Run(Operation operation, Dictionary<Operation.Txn, bool> path, DeleteCause cause) => operation switch
    {
        Operation.Put put => RunPut(put),
        Operation.Delete delete => RunDelete(delete, cause),
        Operation.Get get => new OperationResult.Get(Revision, Evaluate(get.Request)),
        Operation.Txn txn => RunTxn(txn, path),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private OperationResult.Txn RunTxn(Operation.Txn txn, Dictionary<Operation.Txn, bool> path)
    {
        List<OperationResult> results = [];
        foreach (var inner in path[txn] ? txn.Then : txn.Else)
        {
            results.Add(Run(inner, path, DeleteCause.Txn));
        }

        return new OperationResult.Txn(Revision, path[txn], results);
    }

    private OperationResult.Put RunPut(Operation.Put put)
    {
        var name = Bytes.Name(put.Key);
        var previous = Find(name, Revision);
        var revision = RevisionOfChange();
        var lease = put.Lease;
        if (put.KeepLease)
        {
            lease = previous?.Lease ?? LeaseId.None;
        }
        else if (put.OwnTtlSeconds > 0)
        {
            lease = ChooseLease();
            _leases.Add(lease.Value, new ModelLease(put.OwnTtlSeconds, Deadline(put.OwnTtlSeconds), isOwn: true));
        }

        if (previous is { } old && old.Lease != lease)
        {
            Detach(name, old.Lease);
        }

        if (!lease.IsNone)
        {
            _leases[lease.Value].Keys.Add(name);
        }

        var entry = new KeyValue(
            put.Key,
            put.KeepValue && previous is { } kept ? kept.Value : put.Value,
            previous?.CreateRevision ?? revision,
            revision,
            (previous?.Version ?? 0) + 1,
            lease,
            _context.WallMs,
            _context.Author);
        Record(name, entry, DeleteCause.None, previous);
        return new OperationResult.Put(Revision, previous is null, put.ReturnPrevious ? previous : null, lease);
    }

    private OperationResult.Delete RunDelete(Operation.Delete delete, DeleteCause cause)
    {
        var live = Live(delete.Range, Revision);
        foreach (var entry in live)
        {
            Remove(entry, cause);
        }

        return new OperationResult.Delete(Revision, live.Count, delete.ReturnPrevious ? live : []);
    }

    private void Remove(KeyValue entry, DeleteCause cause)
    {
        var name = Bytes.Name(entry.Key);
        Detach(name, entry.Lease);
        var tombstone = new KeyValue(
            entry.Key, default, 0, RevisionOfChange(), 0, LeaseId.None, _context.WallMs, _context.Author);
        Record(name, tombstone, cause, entry);
    }
}

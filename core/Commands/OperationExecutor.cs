using System.Collections.Immutable;
using RestKv.Core.Leases;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Commands;

/// <summary>
/// Runs one write request against the state: plan, check, execute. Every compare, nested ones included, is judged before the
/// first change, and everything that can refuse is asked before it too, so a request is all or nothing (etcd contract
/// section 2.6). Owned by the replica thread.
/// </summary>
internal sealed class OperationExecutor(MvccState state, LeaseTable leases, int leasesMax)
{
    /// <summary>Entries in the answer to one request, over all its reads and previous values together.</summary>
    internal const long AnswerBytesMax = 16 << 20;

    private readonly List<ReadOnlyMemory<byte>> _doomed = [];
    private long _answerBytesLeft;
    private readonly Queue<bool> _path = new();
    private readonly Queue<bool> _pathToWrite = new();
    private readonly Queue<bool> _pathToRead = new();

    /// <summary>Cluster time of the entry being applied.</summary>
    public long ClusterTimeMs { get; set; }

    /// <summary>Gives out an id for a lease made by a put.</summary>
    public Func<LeaseId> NewLeaseId { get; set; } = () => throw new InvalidOperationException();

    public OperationResult Run(Operation operation, long wallTimeMs, string author)
    {
        _path.Clear();
        _pathToWrite.Clear();
        _pathToRead.Clear();
        _answerBytesLeft = AnswerBytesMax;
        Judge(operation);
        if (CheckAll(operation) is { Code: not RejectionCode.None } rejection)
        {
            return new OperationResult.Rejected(state.Revision, rejection);
        }

        state.Begin(wallTimeMs, author);
        var cause = operation is Operation.Txn ? DeleteCause.Txn : DeleteCause.Delete;
        var before = state.Revision;
        var result = Execute(operation, cause);
        leases.EndEmptied();
        var after = state.End();
        return after == before ? result : Seal(result, after);
    }

    /// <summary>Deletes every key of a lease and the lease itself, in one revision and in key order.</summary>
    public long DropLease(LeaseId id, DeleteCause cause, long wallTimeMs, string author)
    {
        _doomed.Clear();
        leases.CollectKeys(id, _doomed);
        state.Begin(wallTimeMs, author);
        if (Defects.Has(Defect.RevokeLeavesLastKey) && _doomed.Count > 1)
        {
            _doomed.RemoveAt(_doomed.Count - 1);
        }

        foreach (var key in _doomed)
        {
            state.Delete(key.Span, cause);
        }

        state.End();
        leases.Remove(id);
        return _doomed.Count;
    }

    /// <summary>Records which branch each transaction takes, in the order of a walk through the taken branches.</summary>
    private void Judge(Operation operation)
    {
        if (operation is not Operation.Txn txn)
        {
            return;
        }

        var holds = true;
        foreach (var compare in txn.If)
        {
            holds = holds && CompareExecutor.Holds(state, compare);
        }

        _path.Enqueue(holds);
        _pathToWrite.Enqueue(holds);
        _pathToRead.Enqueue(holds);
        foreach (var inner in holds ? txn.Then : txn.Else)
        {
            Judge(inner);
        }
    }

    /// <summary>
    /// Of several reasons to refuse, clients of etcd expect one: what is written comes before what is read, and a put by itself
    /// is asked for its lease before its key.
    /// </summary>
    private Rejection CheckAll(Operation operation)
    {
        if (operation is Operation.Put put && CheckLease(put) is { Code: not RejectionCode.None } rejection)
        {
            return rejection;
        }

        return CheckWrites(operation, _pathToWrite) is { Code: not RejectionCode.None } refusal
            ? refusal
            : CheckReads(operation, _pathToRead);
    }

    private Rejection CheckWrites(Operation operation, Queue<bool> path) => operation switch
    {
        Operation.Put put => CheckPut(put),
        Operation.Delete { ReturnPrevious: true } delete => CheckPrevious(delete.Range),
        Operation.Txn txn => CheckTaken(txn, path, CheckWrites),
        _ => default,
    };

    private Rejection CheckReads(Operation operation, Queue<bool> path) => operation switch
    {
        Operation.Get get => CheckRevision(get.Request.Revision),
        Operation.Txn txn => CheckTaken(txn, path, CheckReads),
        _ => default,
    };

    private static Rejection CheckTaken(Operation.Txn txn, Queue<bool> path, Func<Operation, Queue<bool>, Rejection> check)
    {
        foreach (var inner in Taken(txn, path))
        {
            if (check(inner, path) is { Code: not RejectionCode.None } rejection)
            {
                return rejection;
            }
        }

        return default;
    }

    private Rejection CheckRevision(long revision)
    {
        if (revision > state.Revision)
        {
            return new Rejection(RejectionCode.RevisionInFuture, state.Revision);
        }

        return revision != 0 && revision < state.CompactedRevision
            ? new Rejection(RejectionCode.RevisionCompacted, state.CompactedRevision)
            : default;
    }

    private Rejection CheckPut(Operation.Put put)
    {
        var needsKey = put.KeepValue || (put.KeepLease && !put.LenientKeep);
        if (needsKey && !state.TryGet(put.Key.Span, out _))
        {
            return new Rejection(RejectionCode.KeyNotFound);
        }

        if (put.OwnTtlSeconds > 0 && leases.Count >= leasesMax)
        {
            return new Rejection(RejectionCode.LeaseLimit, leasesMax);
        }

        if (CheckLease(put) is { Code: not RejectionCode.None } rejection)
        {
            return rejection;
        }

        return put.ReturnPrevious ? CheckPrevious(KeyRange.Single(put.Key)) : default;
    }

    private Rejection CheckLease(Operation.Put put) =>
        put.Lease.IsNone || leases.Contains(put.Lease) ? default : new Rejection(RejectionCode.LeaseNotFound, put.Lease.Value);

    /// <summary>Previous values cannot be cut off and asked for again, so a request for too many is refused as a whole.</summary>
    private Rejection CheckPrevious(KeyRange range)
    {
        var cursor = state.Scan(range);
        while (_answerBytesLeft > 0 && cursor.MoveNext())
        {
            _answerBytesLeft -= cursor.Current.Key.Length + cursor.Current.Value.Length;
        }

        return _answerBytesLeft > 0 ? default : new Rejection(RejectionCode.ResultTooLarge, AnswerBytesMax);
    }

    private OperationResult Execute(Operation operation, DeleteCause cause)
    {
        switch (operation)
        {
            case Operation.Put put:
                return ExecutePut(put);
            case Operation.Delete delete:
                return ExecuteDelete(delete, cause);
            case Operation.Get get:
                return new OperationResult.Get(state.RevisionSoFar, ExecuteGet(get.Request));
            case Operation.Txn txn:
                var succeeded = _path.Peek();
                var results = new List<OperationResult>();
                foreach (var inner in Taken(txn, _path))
                {
                    results.Add(Execute(inner, cause));
                }

                return new OperationResult.Txn(state.RevisionSoFar, succeeded, results);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>A page ends where the answer to the whole request would become too large, and says that there is more.</summary>
    private RangeResult ExecuteGet(RangeRequest request)
    {
        if (request.CountOnly)
        {
            return state.Range(request);
        }

        if (_answerBytesLeft <= 0)
        {
            var counted = state.Range(request with { CountOnly = true, WantCount = true });
            return new RangeResult([], request.WantCount ? counted.Count : -1, counted.Count > 0);
        }

        var bytesMax = request.BytesMax > 0 ? Math.Min(request.BytesMax, _answerBytesLeft) : _answerBytesLeft;
        var result = state.Range(request with { BytesMax = bytesMax });
        foreach (var item in result.Items)
        {
            _answerBytesLeft -= item.Key.Length + item.Value.Length;
        }

        return result;
    }

    private OperationResult.Put ExecutePut(Operation.Put put)
    {
        var exists = state.TryGet(put.Key.Span, out var previous);
        var keeps = put.KeepLease || (Defects.Has(Defect.KeepLeaseOnOverwrite) && put.Lease.IsNone);
        var lease = keeps && exists ? previous.Lease : put.Lease;
        if (put.OwnTtlSeconds > 0)
        {
            lease = NewLeaseId();
            leases.Grant(lease, put.OwnTtlSeconds, ClusterTimeMs + (put.OwnTtlSeconds * 1000), isOwned: true);
        }

        if (exists && previous.Lease != lease && !previous.Lease.IsNone)
        {
            leases.Detach(previous.Lease, put.Key.Span);
        }

        state.Put(put.Key.Span, put.KeepValue ? previous.Value.Span : put.Value.Span, lease);
        if (!lease.IsNone && !(exists && previous.Lease == lease))
        {
            leases.Attach(lease, put.Key.Span);
        }

        return new OperationResult.Put(state.RevisionSoFar, !exists, put.ReturnPrevious && exists ? previous : null, lease);
    }

    private OperationResult.Delete ExecuteDelete(Operation.Delete delete, DeleteCause cause)
    {
        var previous = new List<KeyValue>();
        var doomed = new List<KeyValue>();
        var cursor = state.Scan(delete.Range);
        while (cursor.MoveNext())
        {
            doomed.Add(cursor.Current);
        }

        foreach (var item in doomed)
        {
            if (!item.Lease.IsNone)
            {
                leases.Detach(item.Lease, item.Key.Span);
            }

            state.Delete(item.Key.Span, cause);
            if (delete.ReturnPrevious)
            {
                previous.Add(item);
            }
        }

        return new OperationResult.Delete(state.RevisionSoFar, doomed.Count, previous);
    }

    private static ImmutableArray<Operation> Taken(Operation.Txn txn, Queue<bool> path) =>
        path.Dequeue() ? txn.Then : txn.Else;

    /// <summary>Gives the outermost result the revision the request produced; inner ones got theirs while running.</summary>
    private static OperationResult Seal(OperationResult result, long revision) => result switch
    {
        OperationResult.Put put => put with { Revision = revision },
        OperationResult.Delete delete => delete with { Revision = revision },
        OperationResult.Txn txn => txn with { Revision = revision },
        _ => result,
    };
}

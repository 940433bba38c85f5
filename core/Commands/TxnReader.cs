using System.Collections.Immutable;
using RestKv.Core.Mvcc;

namespace RestKv.Core.Commands;

/// <summary>
/// Runs a transaction that only reads, and has no other inside, on a view: it needs no entry in the log. The rules are those of
/// <see cref="OperationExecutor"/>.
/// </summary>
public static class TxnReader
{
    public static bool CanRun(Operation.Txn txn) => AreReads(txn.Then) && AreReads(txn.Else);

    public static OperationResult Run(ReadView view, Operation.Txn txn)
    {
        var holds = true;
        foreach (var compare in txn.If)
        {
            holds = holds && CompareExecutor.Holds(view, compare);
        }

        var branch = holds ? txn.Then : txn.Else;
        foreach (var operation in branch)
        {
            if (CheckRevision(view, ((Operation.Get)operation).Request.Revision) is { Code: not RejectionCode.None } rejection)
            {
                return new OperationResult.Rejected(view.Revision, rejection);
            }
        }

        var results = new List<OperationResult>(branch.Length);
        foreach (var operation in branch)
        {
            results.Add(new OperationResult.Get(view.Revision, view.Range(((Operation.Get)operation).Request)));
        }

        return new OperationResult.Txn(view.Revision, holds, results);
    }

    /// <summary>Whether a read inside a transaction can be answered; there a negative revision is one that is gone.</summary>
    private static Rejection CheckRevision(ReadView view, long revision) =>
        revision > view.Revision ? new Rejection(RejectionCode.RevisionInFuture, view.Revision)
        : revision != 0 && revision < view.CompactedRevision ? new Rejection(RejectionCode.RevisionCompacted, view.CompactedRevision)
        : default;

    private static bool AreReads(ImmutableArray<Operation> branch)
    {
        foreach (var operation in branch)
        {
            if (operation is not Operation.Get)
            {
                return false;
            }
        }

        return true;
    }
}

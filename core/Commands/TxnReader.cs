using System.Collections.Immutable;
using RestKv.Core.Model;
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
        var bytesLeft = OperationExecutor.AnswerBytesMax;
        foreach (var operation in branch)
        {
            results.Add(new OperationResult.Get(view.Revision, Read(view, ((Operation.Get)operation).Request, ref bytesLeft)));
        }

        return new OperationResult.Txn(view.Revision, holds, results);
    }

    /// <summary>A page ends where the answer to the whole request would become too large, and says that there is more.</summary>
    private static RangeResult Read(ReadView view, RangeRequest request, ref long bytesLeft)
    {
        if (request.CountOnly)
        {
            return view.Range(request);
        }

        if (bytesLeft <= 0)
        {
            var counted = view.Range(request with { CountOnly = true, WantCount = true });
            return new RangeResult([], request.WantCount ? counted.Count : -1, counted.Count > 0);
        }

        var result = view.Range(request with { BytesMax = request.BytesMax > 0 ? Math.Min(request.BytesMax, bytesLeft) : bytesLeft });
        foreach (var item in result.Items)
        {
            bytesLeft -= item.Key.Length + item.Value.Length;
        }

        return result;
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

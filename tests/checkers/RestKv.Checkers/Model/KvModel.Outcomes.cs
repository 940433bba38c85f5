using RestKv.Core.Commands;

namespace RestKv.Checkers.Model;

public sealed partial class KvModel
{
    /// <summary>How long a settled key is kept for sure, in cluster time.</summary>
    public const long OutcomeWindowMs = 600_000;

    private ModelResult ApplyOnce(Command command, (string Author, string Key) id)
    {
        Forget();
        if (_settled.TryGetValue(id, out var earlier))
        {
            if (earlier.Result is null)
            {
                return Refuse(new Rejection(RejectionCode.IdempotencyCancelled));
            }

            if (earlier.Hash != _context.RequestHash)
            {
                return Refuse(new Rejection(RejectionCode.IdempotencyMismatch));
            }

            // Who has lost the right learns that it happened, and when, but not what was read.
            return earlier.Result.Result is OperationResult.Rejected || IsAllowed(command)
                ? earlier.Result with { Replayed = true }
                : new ModelResult(new OperationResult.Kept(earlier.Result.Result.Revision), [], Replayed: true);
        }

        if (!IsAllowed(command))
        {
            return Refuse(new Rejection(RejectionCode.PermissionDenied));
        }

        var result = Execute(command);
        if (result.Result is not OperationResult.Rejected { Rejection.Code: RejectionCode.NoSpace })
        {
            Settle(id, new Settled(result, _context.RequestHash, _context.ClusterMs));
        }

        return result;
    }

    private ModelResult ExecuteSettle(Command.SettleOutcome settle)
    {
        Forget();
        var id = (_context.Author, settle.Key);
        if (!_settled.TryGetValue(id, out var earlier))
        {
            earlier = new Settled(null, 0, _context.ClusterMs);
            Settle(id, earlier);
        }

        var status = earlier.Result?.Result switch
        {
            null => IdempotencyStatus.Cancelled,
            OperationResult.Rejected => IdempotencyStatus.Rejected,
            _ => IdempotencyStatus.Applied,
        };
        var record = new IdempotencyRecord(status, earlier.Result?.Result.Revision ?? 0, earlier.Result?.Result, 0);
        return Accept(new OperationResult.OutcomeSettled(Revision, record));
    }

    private void Forget()
    {
        while (_settledOrder.TryPeek(out var oldest) && oldest.ClusterMs + OutcomeWindowMs < _context.ClusterMs)
        {
            _settledOrder.Dequeue();
            _settled.Remove(oldest.Id);
        }
    }

    private void Settle((string Author, string Key) id, Settled settled)
    {
        _settled[id] = settled;
        _settledOrder.Enqueue((id, settled.ClusterMs));
    }

    /// <param name="Result">Null when the key was settled as never applied.</param>
    private sealed record Settled(ModelResult? Result, ulong Hash, long ClusterMs);
}

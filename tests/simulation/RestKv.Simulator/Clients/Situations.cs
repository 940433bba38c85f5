using RestKv.Checkers.History;
using RestKv.Core.Commands;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Clients;

/// <summary>Finds the situations of <see cref="Sometimes"/> in what clients were told.</summary>
internal static class Situations
{
    public static void Note(Sometimes sometimes, HistoryOperation operation, bool crashedBetween)
    {
        if (operation.Reply is HistoryReply.Versions)
        {
            sometimes.Hit("key history");
        }

        if (operation.Reply is not HistoryReply.Result { Value: var result } reply)
        {
            return;
        }

        sometimes.HitIf(reply.Replayed, "retry applied once and answered again");
        sometimes.HitIf(reply.Replayed && crashedBetween, "retry after a crash recognised");
        if (operation.Request is HistoryRequest.Read read)
        {
            NoteRead(sometimes, read, result);
        }
        else if (operation.Request is HistoryRequest.Submit submit)
        {
            NoteSubmit(sometimes, submit.Command, result);
        }
    }

    private static void NoteRead(Sometimes sometimes, HistoryRequest.Read read, OperationResult result)
    {
        sometimes.HitIf(read.Local, "local read");
        switch (result)
        {
            case OperationResult.Rejected { Rejection.Code: RejectionCode.RevisionCompacted }:
                sometimes.Hit("read below the floor refused");
                break;
            case OperationResult.Rejected:
                sometimes.Hit("read of the future refused");
                break;
            case OperationResult.Get get:
                sometimes.HitIf(read.Range.Revision > 0, "read of the past");
                sometimes.HitIf(get.Result.More, "page cut by limit");
                break;
        }
    }

    private static void NotePut(Sometimes sometimes, Command command, OperationResult.Put result)
    {
        if (command is not Command.Write { Operation: Operation.Put put })
        {
            return;
        }

        sometimes.HitIf(put.KeepLease, "put that keeps the lease");
        sometimes.HitIf(put.KeepValue, "put that keeps the value");
        sometimes.HitIf(put.OwnTtlSeconds > 0, "put with a time to live");
        sometimes.HitIf(put.ReturnPrevious && result.Previous is not null, "put that returns the value before");
    }

    private static void NoteSubmit(Sometimes sometimes, Command command, OperationResult result)
    {
        switch (result)
        {
            case OperationResult.Rejected rejected:
                sometimes.HitIf(rejected.Rejection.Code == RejectionCode.LeaseExists, "lease that exists already");
                sometimes.HitIf(
                    rejected.Rejection.Code == RejectionCode.LeaseNotFound && command is Command.Write, "write under a lease that is gone");
                sometimes.HitIf(rejected.Rejection.Code == RejectionCode.KeyNotFound, "value or lease to keep that is not there");
                sometimes.HitIf(rejected.Rejection.Code == RejectionCode.IdempotencyMismatch, "idempotency mismatch");
                sometimes.HitIf(rejected.Rejection.Code == RejectionCode.IdempotencyCancelled, "outcome settled before its request");
                sometimes.HitIf(command is Command.Write { Operation: Operation.Txn }, "transaction refused whole");
                sometimes.HitIf(rejected.Rejection.Code == RejectionCode.AuthRequired, "refused as nobody");
                sometimes.HitIf(rejected.Rejection.Code == RejectionCode.PermissionDenied, "refused for a missing right");
                sometimes.HitIf(
                    rejected.Rejection.Code == RejectionCode.PermissionDenied && command is Command.LeaseRenew or Command.LeaseRevoke,
                    "lease refused for a key of it");
                break;
            case OperationResult.AuthChanged:
                sometimes.Hit(command is Command.AuthEnable ? "rights began to count" : "rights changed");
                break;
            case OperationResult.OutcomeSettled:
                sometimes.Hit("outcome settled");
                break;
            case OperationResult.LeaseGranted:
                sometimes.Hit("lease granted");
                break;
            case OperationResult.LeaseRevoked revoked:
                sometimes.Hit("lease revoked");
                sometimes.HitIf(revoked.DeletedKeys > 1, "lease revoked with several keys");
                break;
            case OperationResult.LeaseRenewed renewed:
                sometimes.Hit(renewed.TtlSeconds.Any(ttl => ttl == 0) ? "renewal of a lease that is gone" : "lease renewed");
                break;
            case OperationResult.RetentionSet:
                sometimes.Hit("retention set");
                break;
            case OperationResult.Put put:
                NotePut(sometimes, command, put);
                break;
            case OperationResult.Compacted:
                sometimes.Hit("compaction");
                break;
            case OperationResult.Delete delete:
                sometimes.HitIf(delete.Deleted == 0, "delete of nothing");
                sometimes.HitIf(delete.Deleted > 1, "delete of many keys");
                break;
            case OperationResult.Txn txn:
                sometimes.HitIf(!txn.Succeeded, "compare failed");
                sometimes.HitIf(txn.Results.Count(inner => inner is OperationResult.Put) > 1, "several keys put at once");
                sometimes.HitIf(txn.Results.Any(inner => inner is OperationResult.Txn), "nested transaction");
                break;
        }

        sometimes.Hit("acknowledged write");
    }
}

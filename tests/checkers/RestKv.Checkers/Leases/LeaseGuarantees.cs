using RestKv.Checkers.History;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.Leases;

/// <summary>
/// No lease ends before its TTL since the client sent its last acknowledged grant or keep-alive (I27), and none is left
/// long after (I28). Lease ids are taken to be used once in a history.
/// </summary>
public static class LeaseGuarantees
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    public static IReadOnlyList<Violation> Check(IReadOnlyList<HistoryOperation> operations, LeaseEvidence evidence)
    {
        List<Violation> violations = [];
        var ends = evidence.Ends.GroupBy(end => end.Id).ToDictionary(group => group.Key, group => group.MinBy(end => end.At));
        foreach (var life in Promises(operations).GroupBy(promise => promise.Id).OrderBy(life => life.Key))
        {
            var end = ends.GetValueOrDefault(life.Key);
            if (end is { Cause: DeleteCause.Expire })
            {
                CheckEarly(life, end, evidence, violations);
            }

            CheckLate(life, end, evidence, violations);
        }

        return violations;
    }

    private static void CheckEarly(IEnumerable<Promise> life, LeaseEnd end, LeaseEvidence evidence, List<Violation> violations)
    {
        foreach (var promise in life.Where(promise => promise.Acknowledged <= end.At))
        {
            var until = promise.Sent + promise.Ttl;
            if (end.At < until - evidence.ClockError)
            {
                violations.Add(new Violation(
                    "I27",
                    $"lease {end.Id} expired at {end.At}, {until - end.At} ns before the end of what was promised at {promise.Sent}",
                    promise.OperationId));
            }
        }
    }

    private static void CheckLate(IGrouping<LeaseId, Promise> life, LeaseEnd? end, LeaseEvidence evidence, List<Violation> violations)
    {
        if (end is not null && end.Cause != DeleteCause.Expire)
        {
            return;
        }

        var at = end?.At ?? evidence.EndOfRun;

        // What was never answered may have renewed the lease at any time, so it makes any end legal.
        var latest = life.Where(promise => promise.Sent <= at).MaxBy(promise => promise.Acknowledged);
        if (latest is null || latest.Acknowledged == HistoryOperation.Never)
        {
            return;
        }

        var due = latest.Acknowledged + latest.Ttl;
        var gaps = evidence.Leaderless.Where(gap => gap.To > latest.Sent && gap.From < at).ToList();
        var allowed = due + evidence.LatenessMax + evidence.ClockError
            + gaps.Sum(gap => gap.To - gap.From + evidence.LatenessMaxPerGap);
        if (at > allowed)
        {
            violations.Add(new Violation(
                "I28",
                $"lease {life.Key} {(end is null ? "was still there" : "expired")} at {at}, {at - allowed} ns later than allowed"
                    + $" ({gaps.Count} times without a leader)",
                latest.OperationId));
        }
    }

    private static IEnumerable<Promise> Promises(IReadOnlyList<HistoryOperation> operations)
    {
        foreach (var operation in operations)
        {
            if (operation.Outcome == HistoryOutcome.Fail || operation.Request is not HistoryRequest.Submit submit)
            {
                continue;
            }

            var reply = (operation.Reply as HistoryReply.Result)?.Value;
            var promises = submit.Command switch
            {
                Command.LeaseGrant grant => OfGrant(grant, operation, reply),
                Command.LeaseRenew renew => OfRenew(renew, operation, reply),
                Command.Write write => OfWrite(write.Operation, operation, reply),
                _ => [],
            };
            foreach (var promise in promises)
            {
                yield return promise;
            }
        }
    }

    private static IEnumerable<Promise> OfGrant(Command.LeaseGrant grant, HistoryOperation operation, OperationResult? reply) => reply switch
    {
        OperationResult.LeaseGranted granted => [Make(granted.Id, granted.TtlSeconds, operation)],
        null when !grant.Id.IsNone => [Make(grant.Id, grant.TtlSeconds, operation)],
        _ => [],
    };

    private static IEnumerable<Promise> OfRenew(Command.LeaseRenew renew, HistoryOperation operation, OperationResult? reply) => reply switch
    {
        OperationResult.LeaseRenewed renewed =>
            renew.Ids.Zip(renewed.TtlSeconds).Where(pair => pair.Second > 0).Select(pair => Make(pair.First, pair.Second, operation)),
        OperationResult.Rejected => [],
        _ => renew.Ids.Select(id => Make(id, 0, operation)),
    };

    /// <summary>A put with a TTL of its own grants a lease too; its id is in the answer.</summary>
    private static IEnumerable<Promise> OfWrite(Operation write, HistoryOperation operation, OperationResult? reply) => (write, reply) switch
    {
        (Operation.Put { OwnTtlSeconds: > 0 } put, OperationResult.Put done) => [Make(done.Lease, put.OwnTtlSeconds, operation)],
        (Operation.Txn txn, OperationResult.Txn done) =>
            (done.Succeeded ? txn.Then : txn.Else).Zip(done.Results).SelectMany(pair => OfWrite(pair.First, operation, pair.Second)),
        _ => [],
    };

    private static Promise Make(LeaseId id, long ttlSeconds, HistoryOperation operation) =>
        new(id, operation.Id, operation.Start, operation.End, ttlSeconds * NanosecondsPerSecond);

    /// <param name="Acknowledged">When the client knew; <see cref="HistoryOperation.Never"/> when it never did.</param>
    private sealed record Promise(LeaseId Id, int OperationId, long Sent, long Acknowledged, long Ttl);
}

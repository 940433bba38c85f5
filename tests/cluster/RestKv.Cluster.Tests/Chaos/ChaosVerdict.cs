using RestKv.Checkers.History;
using RestKv.Checkers.Leases;
using RestKv.Checkers.Search;
using RestKv.Checkers.Watch;
using RestKv.Checkers.Witness;
using RestKv.Core.Commands;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>All judges over one run: both linearizability checkers, the promises of watches and those of leases.</summary>
internal static class ChaosVerdict
{
    private const long SearchStepsMax = 50_000_000;
    private const long MillisecondsInNs = 1_000_000;

    /// <summary>Longer without an acknowledged write: nobody led, or as good as nobody.</summary>
    private const long GapNs = 300 * MillisecondsInNs;

    /// <summary>Store and clients read the same clock; milliseconds are cut off on the way.</summary>
    private const long ClockErrorNs = 5 * MillisecondsInNs;

    /// <summary>The promise is a second; a machine that stands still for long is not the store's fault.</summary>
    private const long LatenessNs = 20_000 * MillisecondsInNs;

    public static IReadOnlyList<string> Judge(ChaosEvidence evidence)
    {
        var order = new ClaimedOrder(evidence.Operations, evidence.Events);
        IReadOnlyList<HistoryOperation> told = [.. evidence.Operations.Where(operation => !IsRenewal(operation))];
        var witness = WitnessChecker.Check(told, order.Entries);
        var search = SearchChecker.Check(told, SearchStepsMax);
        return
        [
            .. order.Faults,
            .. witness.Violations.Select(violation => $"witness: {violation}"),
            .. search.Violations.Select(violation => $"search: {violation}"),
            .. search.Verdict == SearchVerdict.Undecided ? ["search: undecided"] : Array.Empty<string>(),
            .. evidence.Streams.SelectMany(stream => WatchGuarantees.Check(witness.Model, stream)).Select(violation => violation.ToString()),
            .. JudgeLeases(evidence, order),
        ];
    }

    private static IEnumerable<string> JudgeLeases(ChaosEvidence evidence, ClaimedOrder order)
    {
        var found = new LeaseEvidence
        {
            Ends = [.. order.Ends.Select(end => new LeaseEnd(end.Id, evidence.WallZero + (end.WallMs * MillisecondsInNs), end.Cause))],
            EndOfRun = evidence.EndOfRun,
            Leaderless = GapsOf(evidence.AcknowledgedAt),
            LatenessMax = LatenessNs,
            ClockError = ClockErrorNs + evidence.ClockDrift,
        };
        IReadOnlyList<HistoryOperation> ofLeases = [.. evidence.Operations.Where(operation => IsOfLease(operation, order))];
        return LeaseGuarantees.Check(ofLeases, found).Select(violation => violation.ToString());
    }

    private static List<(long From, long To)> GapsOf(IReadOnlyList<long> acknowledged)
    {
        List<(long, long)> gaps = [];
        for (var i = 1; i < acknowledged.Count; i++)
        {
            if (acknowledged[i] - acknowledged[i - 1] > GapNs)
            {
                gaps.Add((acknowledged[i - 1], acknowledged[i]));
            }
        }

        return gaps;
    }

    private static bool IsOfLease(HistoryOperation operation, ClaimedOrder order) => operation.Request is HistoryRequest.Submit submit
        && submit.Command switch
        {
            Command.LeaseGrant grant => order.Leases.Contains(grant.Id),
            Command.LeaseRenew renew => order.Leases.Contains(renew.Ids[0]),
            _ => false,
        };

    private static bool IsRenewal(HistoryOperation operation) =>
        operation.Request is HistoryRequest.Submit { Command: Command.LeaseRenew };
}

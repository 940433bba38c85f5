using RestKv.Checkers;
using RestKv.Checkers.Leases;
using RestKv.Checkers.Model;
using RestKv.Checkers.Search;
using RestKv.Checkers.Watch;
using RestKv.Checkers.Witness;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator;

/// <summary>What is judged over the whole run, and what is noted for it on the way.</summary>
internal sealed partial class Simulation
{
    private const long SampleEvery = 20 * Time.Millisecond;

    /// <summary>
    /// Both the grant and the expiry are stamped in whole milliseconds, so a lease may end up to two of them early on a
    /// client's finer clock.
    /// </summary>
    private const long LeaseClockError = 2 * Time.Millisecond;

    private readonly List<(long From, long To)> _leaderless = [];
    private readonly HashSet<int> _committedOperations = [];
    private long _lastAvailable;
    private long _lastElection;
    private bool _isAvailable = true;

    private List<Violation> Judge()
    {
        var report = WitnessChecker.Check(_operations, Committed.Order);
        List<Violation> violations = [.. report.Violations];
        var search = SearchChecker.Check(_operations);
        violations.AddRange(search.Violations);
        if (search.Verdict == SearchVerdict.Undecided)
        {
            violations.Add(new Violation("I11", "the search gave up: the history is too tangled to judge"));
        }

        foreach (var watcher in _watchers)
        {
            violations.AddRange(WatchGuarantees.Check(report.Model, watcher.Stream));
        }

        violations.AddRange(LeaseGuarantees.Check(_operations, new LeaseEvidence
        {
            Ends = Committed.LeaseEnds,
            EndOfRun = Scheduler.Now,
            Leaderless = _leaderless,
            ClockError = LeaseClockError,
        }));
        foreach (var operation in _operations.Where(operation => operation.Outcome == Checkers.History.HistoryOutcome.Unknown))
        {
            Sometimes.Hit(_committedOperations.Contains(operation.Id) ? "unacknowledged write survived" : "unacknowledged write vanished");
        }

        return violations;
    }

    private void NoteCommitted(Envelope? envelope, int? operation, ModelResult? result, long before)
    {
        if (envelope is not { } entry)
        {
            return;
        }

        if (operation is { } id)
        {
            _committedOperations.Add(id);
        }

        switch (entry.Command)
        {
            case Command.Compact compact:
                Sometimes.HitIf(operation is null, "automatic compaction");
                Sometimes.HitIf(compact.Revision == before, "compaction of the newest revision");
                Sometimes.HitIf(compact.Revision < Committed.Model.CompactedRevision, "compaction already done");
                break;
            case Command.LeaseRenew renew:
                Sometimes.HitIf(renew.Ids.Length > 1, "keep-alives of several leases in one entry");
                break;
            case Command.Tick:
                Sometimes.Hit("cluster time carried on");
                break;
            case Command.StateMark:
                Sometimes.Hit("states marked for comparison");
                break;
            case Command.StateReport:
                Sometimes.Hit("state reported");
                break;
            case Command.MemberAnnounce:
                Sometimes.Hit("member told who it is");
                break;
            case Command.LeaseExpire:
                var ended = Committed.Model.EndedLeases.Any(lease => lease.Cause == DeleteCause.Expire);
                Sometimes.Hit(ended ? "lease expired" : "renewal overtook an expiry");
                Sometimes.HitIf(ended && Committed.Model.Revision > before, "expired lease had keys");
                break;
        }

        Trace.Add(0, "committed " + entry.Command.GetType().Name, Committed.LastIndex, Committed.Model.Revision);
    }

    /// <summary>Notes the times in which nobody could commit: leases may be late by them.</summary>
    private void SampleAvailability()
    {
        var now = Scheduler.Now;
        var running = Committed.Membership.Voters.Count(id => FindNode(id.Value) is { Life: not null, IsPaused: false });
        Sometimes.HitIf(running < Committed.Membership.Quorum, "no majority runs");
        Sometimes.HitIf(running == 0, "no voter runs");
        var isAvailable = _nodes.TrueForAll(node => !Committed.Membership.Contains(node.Id) ||
                (node.Life is { IsHeldUpByDisk: false } && !node.IsPaused && node.DiskSlowness == 1 && node.Disk.CapacityBytes == long.MaxValue))
            && !Network.IsCut && !Network.IsStormy
            && _nodes.Exists(node => node.Life is { IsSettledLeader: true });
        if (isAvailable && !_isAvailable)
        {
            _leaderless.Add((_lastAvailable, now));
        }

        _isAvailable = isAvailable;
        _lastAvailable = isAvailable ? now : _lastAvailable;
        Scheduler.After(SampleEvery, SampleAvailability);
    }
}

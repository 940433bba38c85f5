using RestKv.Core.Alarms;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>Committed entries to results, publication and completions; the leader's own duties.</summary>
public sealed partial class Replica
{
    /// <summary>While leases exist the log learns the cluster time at least this often, so that a new leader loses no more.</summary>
    private const long TimeStepMs = 500;
    private readonly HashSet<long> _expiring = [];
    private readonly List<LeaseId> _due = [];
    private readonly List<object> _dropped = [];
    private bool _isCompacting;
    private bool _isTicking;
    private long _leasesExpired;
    private long _compactedMs;

    private void Apply()
    {
        foreach (var entry in _ready.Committed)
        {
            ApplyEntry(entry);
        }

        if (_ready.Committed.Count > 0)
        {
            var last = _ready.Committed[^1].Index;
            _raft.Applied(last);
            TrimWindow(last);
            _mustPublish = true;
        }

        foreach (var read in _ready.Reads)
        {
            foreach (var token in _reads.Settle(read))
            {
                _completions.Add(new Completion(token, null, false, true));
            }
        }
    }

    private void ApplyEntry(in Entry entry)
    {
        var payload = entry.Kind == EntryKind.Command ? entry.Payload : default;
        var applied = _machine.Apply(entry.Index.Value, payload);
        _clock.Applied(entry.Term, _now, _machine.ClusterTimeMs);
        _window.Add(entry.Payload.Length);
        var token = _pending.Take(entry.Index, entry.Term, _dropped);
        if (_forwards.Count > 0)
        {
            token ??= TakeForwarded(entry);
        }

        SettleDropped(new OperationResult.NotApplied(NotAppliedReason.ProposalDropped));
        if (token is not null)
        {
            SettleToken(token, applied.Result, applied.Replayed);
        }

        if (applied.Result is OperationResult.Compacted)
        {
            HasIdleWork = true;
            if (_isLogFull)
            {
                _snapshots.Hurry();
            }
        }
    }

    private void SettleDropped(OperationResult result)
    {
        foreach (var dropped in _dropped)
        {
            SettleToken(dropped, result, false);
        }

        _dropped.Clear();
    }

    /// <summary>
    /// A compaction takes history away that watchers may not have been shown yet, when much is applied at once: they are
    /// shown it first, so that nobody who kept up is told that it is gone.
    /// </summary>
    private void ShowBeforeCompaction(long revision)
    {
        if (revision > _publishedRevision)
        {
            _raft.Applied(new LogIndex(_machine.AppliedIndex - 1));
            Publish();
        }
    }

    /// <summary>What a former leadership proposed may never be committed: the next one starts its duties anew.</summary>
    private void ForgetDuties()
    {
        _expiring.Clear();
        _isCompacting = false;
        _isTicking = false;
        _isEntering = false;
        _isMarking = false;
        _isMarkingBegun = false;
    }

    private void SettleToken(object token, OperationResult result, bool replayed)
    {
        switch (token)
        {
            case Expiry expiry:
                _expiring.Remove(expiry.Id.Value);
                _leasesExpired += result is OperationResult.LeaseRevoked ? 1 : 0;
                break;
            case AutomaticCompaction:
                _isCompacting = false;
                break;
            case TimeStep:
                _isTicking = false;
                break;
            case MemberEntry:
                _isEntering = false;
                break;
            case StateMarking:
                _isMarking = false;
                break;
            case StateReporting:
                break;
            default:
                Settle(token, result, replayed);
                break;
        }
    }

    private void Publish()
    {
        var view = _machine.Store.Publish();
        var status = _raft.Status;
        var isSole = _clock.IsRunning && status.Membership.Voters is [var only] && only == status.Self;
        var facts = new MachineFacts(
            _machine.ClusterTimeMs, _machine.Leases.Count, _machine.Outcomes.Count, WaitingCount, _machine.Retention,
            IsFull, _leasesExpired, _machine.Members, HasDiverged)
        { Alarms = _machine.Alarms };
        _effects.Publish(new Publication(view, _publishedRevision, status, isSole, facts) { IsReset = _isReset, Auth = _machine.Auth });
        _publishedRevision = view.Revision;
        _isReset = false;
        _mustPublish = false;
    }

    /// <summary>Publication first, then the answers: nobody learns of a revision that cannot be read here.</summary>
    private void Release()
    {
        _reads.TakeReady(new LogIndex(_machine.AppliedIndex), _scratch);
        foreach (var token in _scratch)
        {
            _effects.Complete(new Completion(token, null, false, false));
        }

        _scratch.Clear();
        foreach (var completion in _completions)
        {
            if (completion.Token is RenewalBatch batch)
            {
                batch.Complete(_effects, Invariant.NotNull(completion.Result));
            }
            else
            {
                _effects.Complete(completion);
            }
        }

        _completions.Clear();
    }

    /// <summary>Duties of a leader whose cluster time runs: expire leases, compact by policy, keep time moving.</summary>
    private void Tick()
    {
        _snapshots.TimeIs(_now.MonotonicMs);
        if (!_clock.IsRunning)
        {
            return;
        }

        HandOverIfFull();
        var nowMs = _clock.Read(_now, _machine.ClusterTimeMs);
        ExpireLeases(nowMs);
        CompactByPolicy(nowMs);
        AlignMembers();
        MarkState(nowMs);
        if (_machine.Leases.Count > 0 && !_isTicking && nowMs - _machine.ClusterTimeMs >= TimeStepMs)
        {
            _isTicking = true;
            ProposeOwn(new TimeStep(), new Command.Tick());
        }
    }

    /// <summary>
    /// Whoever leads refuses for all what its own disk cannot take, so one that has room should. Only once: where all disks are
    /// full somebody has to lead, and leadership must not go round.
    /// </summary>
    private void HandOverIfFull()
    {
        if (_isLogFull && _mayHandOver)
        {
            _mayHandOver = false;
            _raft.TransferLeadership(NodeId.None);
        }
    }

    private void ExpireLeases(long nowMs)
    {
        var room = _config.ExpiriesInFlightMax - _expiring.Count;
        if (room <= 0)
        {
            return;
        }

        _due.Clear();
        _machine.Leases.CollectDue(Defects.Has(Defect.ExpireEarly) ? nowMs + 400 : nowMs, _expiring, room, _due);
        foreach (var id in _due)
        {
            _expiring.Add(id.Value);
            ProposeOwn(new Expiry(id), new Command.LeaseExpire(id));
        }
    }

    private void CompactByPolicy(long nowMs)
    {
        var store = _machine.Store;
        var retention = _machine.Retention;
        if (_isCompacting || HasIdleWork || _machine.Alarms.Has(AlarmKind.Corrupt))
        {
            // While states differ, nothing that would take a state away is applied.
            return;
        }

        var target = store.Revision - retention.Revisions;
        var step = _config.CompactionStepMin;
        if (_config.QuotaBytes > 0 && store.BytesInUse - store.LiveBytes > _config.QuotaBytes / 4)
        {
            // A store that is full of its own past serves nobody: half of the history goes, and again until it fits.
            target = Math.Max(target, store.CompactedRevision + ((store.Revision - store.CompactedRevision + 1) / 2));
            step = 1;
        }
        else
        {
            step = nowMs - _compactedMs >= CompactionPauseMs(retention) ? 1 : step;
            if (target - store.CompactedRevision >= step)
            {
                target = Math.Min(target, RevisionAt(nowMs - retention.AgeMs));
            }
        }

        if (target - store.CompactedRevision >= step)
        {
            _isCompacting = true;
            _compactedMs = nowMs;
            ProposeOwn(new AutomaticCompaction(), new Command.Compact(target));
        }
    }

    /// <summary>Nothing is younger than the last entry, of which there may be no sample.</summary>
    private long RevisionAt(long timeMs) =>
        _machine.ClusterTimeMs <= timeMs ? _machine.Store.Revision : _machine.Clock.RevisionAt(timeMs);

    /// <summary>What is less than a lump goes, too, when nothing has gone for a twentieth of the time that history stays.</summary>
    private static long CompactionPauseMs(in Retention retention) => Math.Max(1_000, retention.AgeMs / 20);

    private sealed record Expiry(LeaseId Id);

    private sealed record AutomaticCompaction;

    private sealed record TimeStep;
}

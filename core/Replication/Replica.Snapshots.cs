using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// Snapshots: when one is written, what of the log may then leave memory, who needs one sent, and one that was received
/// taking the place of the state.
/// </summary>
public sealed partial class Replica
{
    private readonly SnapshotFeeding _feeding = new();
    private bool _isReset;

    private void SaveSnapshotIfDue()
    {
        if (!_snapshots.IsDue || _machine.AppliedIndex == 0)
        {
            return;
        }

        _snapshots.Started();
        var mark = _raft.MarkAt(new LogIndex(_machine.AppliedIndex));
        _effects.SaveSnapshot(_machine.Capture(_machine.Store.Publish()), mark, isUrgent: _feeding.IsAnyoneWaiting || IsFull);
    }

    private void SnapshotSaved(LogIndex index, long bytes)
    {
        _snapshots.Saved(index, bytes);
        if (bytes < 0)
        {
            RefuseWaitingFollowers();
        }
    }

    private void SnapshotSent(NodeId peer, bool delivered)
    {
        _feeding.Ended(peer);
        _raft.SnapshotOutcome(peer, delivered);
    }

    /// <summary>
    /// Nobody to send entries to: none are kept, and who joins is given a snapshot made for it. Otherwise a tail is kept,
    /// and more of it while no snapshot covers the rest.
    /// </summary>
    private void TrimWindow(LogIndex last)
    {
        var members = _raft.Membership;
        if (members.Voters.Length + members.Learners.Length <= 1)
        {
            _window.Begin(last);
        }
        else
        {
            _window.Trim(_feeding.Covered(_snapshots.Newest));
        }

        _raft.Compact(_window.Start);
    }

    /// <summary>Sends the newest snapshot to those who need one, or has one made first if it does not reach into the window.</summary>
    private void FeedFollowers()
    {
        if (!_feeding.IsAnyoneWaiting)
        {
            return;
        }

        var atLeast = _raft.WindowStart;
        if (_snapshots.Newest < atLeast)
        {
            _snapshots.Force();
            return;
        }

        foreach (var peer in _feeding.TakeWaiting())
        {
            _feeding.Started(peer, _snapshots.Newest);
            _effects.SendSnapshot(peer, atLeast);
        }
    }

    private void RefuseWaitingFollowers()
    {
        foreach (var peer in _feeding.TakeWaiting())
        {
            _raft.SnapshotOutcome(peer, delivered: false);
        }
    }

    /// <summary>
    /// The state of a received snapshot takes the place of this member's, unless its log got there by itself meanwhile.
    /// Everything that was built on the old state ends here: who waits for an entry that may be in the snapshot cannot be
    /// told what came of it, for a snapshot holds no results.
    /// </summary>
    private void Install(SnapshotMark mark, KvStateMachine machine)
    {
        Invariant.Check(machine.AppliedIndex == mark.Index.Value);
        if (!_raft.WantsSnapshot(mark))
        {
            return;
        }

        // 1. Protocol: the next batch for the disk restarts the log after the snapshot.
        _raft.SnapshotInstalled(mark);
        _window.Begin(mark.Index);
        _snapshots.Installed(mark.Index);

        // 2. Whoever waits. Reads need nothing: their index is applied as soon as the new state is at or above it.
        _pending.TakeUpTo(mark.Index, _dropped);
        _forwards.TakeBelow(mark.Term.Next, _dropped);
        SettleDropped(new OperationResult.Unknown());
        ForgetDuties();

        // 3. The state itself: leases, outcomes and clocks are part of it.
        if (Defects.Has(Defect.InstallKeepsLeases))
        {
            machine.Leases.KeepAll(_machine.Leases);
        }

        _machine.BeforeCompact = null;
        _machine.StateChecks = null;
        _machine = machine;
        Adopt(machine);
        _recordsAtSlice = machine.Store.RecordsWritten;
        HasIdleWork = false;
        _isReset = true;
        _mustPublish = true;
    }

    /// <summary>What a machine tells the replica as it applies.</summary>
    private void Adopt(KvStateMachine machine)
    {
        machine.BeforeCompact = ShowBeforeCompaction;
        machine.StateChecks = _stateCheck;
    }
}

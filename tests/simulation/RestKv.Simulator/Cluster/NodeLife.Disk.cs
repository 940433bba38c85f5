using RestKv.Core;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Simulator.Engine;
using RestKv.Storage;
using RestKv.Storage.Snapshots;

namespace RestKv.Simulator.Cluster;

/// <summary>What the threads of the log, of snapshots and of maintenance do.</summary>
internal sealed partial class NodeLife
{
    private const long NoSpaceRetry = 200 * Time.Millisecond;

    /// <summary>The slowest call of a sick disk: it must end while the run still watches for recovery.</summary>
    private const long DiskDelayMax = 3 * Time.Second;
    private readonly Queue<PersistBatch> _batches = new();
    private bool _isFlushing;
    private bool _isLogFull;
    private bool _isFlushSlow;
    private long _flushBegan;

    /// <summary>A write begun on a slow or full disk is still under way, even if the disk is well again.</summary>
    public bool IsHeldUpByDisk => _isLogFull || (_isFlushing && _isFlushSlow);

    public void Persist(PersistBatch batch)
    {
        WriteLog(batch);
        _batches.Enqueue(batch);
        BeginFlush();
    }

    public void SaveSnapshot(MachineImage image, SnapshotMark mark, bool isUrgent)
    {
        IsSavingSnapshot = true;
        _simulation.Sometimes.HitIf(image.Leases.Length > 0, "snapshot of leases");
        _simulation.Sometimes.HitIf(image.Members.Removed.Count > 0, "snapshot of removed members");
        _simulation.Sometimes.HitIf(mark.Membership.Learners.Length > 0, "snapshot while somebody learns");
        // One that joined does not know who voted before the first change in its log.
        var isUnknown = _node.FirstMembership.Voters.IsEmpty && mark.Membership.Equals(RestKv.Raft.Membership.Empty);
        if (!isUnknown && !mark.Membership.Equals(_simulation.Committed.MembershipAt(mark.Index.Value)))
        {
            throw new Checks.SimulationFailure(
                "I30", $"member {_node.Id} saves a snapshot of {mark.Index} with another membership than is in force there");
        }

        _simulation.Trace.Add(_node.Id.Value, "snapshot begins", mark.Index.Value);
        Later(DiskDelay(), () => WriteSnapshot(image, mark));
    }

    /// <summary>All batches that wait are one write and one sync; what comes meanwhile waits for the next.</summary>
    private void BeginFlush()
    {
        if (_isFlushing || _batches.Count == 0)
        {
            return;
        }

        _isFlushing = true;
        _isFlushSlow = _node.DiskSlowness > 1;
        _flushBegan = _simulation.Scheduler.Now;
        var batches = _batches.ToArray();
        _batches.Clear();
        _simulation.Sometimes.HitIf(batches.Length > 1, "several batches in one flush");
        Later(DiskDelay(), () =>
        {
            foreach (var batch in batches)
            {
                _store.Log.Append(batch);
            }

            Flush(batches, batches[^1].Mark);
        });
    }

    private void Flush(PersistBatch[] batches, PersistMark mark)
    {
        try
        {
            _store.Log.Flush();
        }
        catch (StorageIoException fault) when (fault.IsNoSpace && !_store.Log.IsPoisoned)
        {
            _simulation.Sometimes.Hit("log could not grow");
            if (!_isLogFull)
            {
                _isLogFull = true;
                Post(ReplicaEvent.NoSpace(true));
            }

            Later(NoSpaceRetry, () => Flush(batches, mark));
            return;
        }

        // Durable now; the replica hears of it a little later, and a crash may come in between.
        _simulation.Committed.Durable(_node.Id, mark.Index);
        NoteDurable(batches);
        _simulation.Trace.Add(_node.Id.Value, "flushed", mark.Sequence, mark.Index.Value);
        Later(_random.Between(1, 50) * Time.Microsecond, () => Flushed(mark));
    }

    private void Flushed(PersistMark mark)
    {
        if (_isLogFull)
        {
            _isLogFull = false;
            _simulation.Sometimes.Hit("space came back");
            Post(ReplicaEvent.NoSpace(false));
        }

        _simulation.Sometimes.HitIf(_simulation.Scheduler.Now - _flushBegan > Time.Second, "flush took longer than a second");
        Post(ReplicaEvent.Persisted(mark));
        _isFlushing = false;
        BeginFlush();
    }

    private void WriteSnapshot(MachineImage image, SnapshotMark mark)
    {
        var writer = _store.CreateSnapshot(mark);
        var isHandedOn = false;
        try
        {
            SnapshotCodec.Write(image, writer);
            isHandedOn = true;
        }
        catch (StorageIoException fault) when (fault.IsNoSpace)
        {
            SnapshotFailed(mark);
        }
        finally
        {
            if (!isHandedOn)
            {
                writer.Dispose();
            }
        }

        if (isHandedOn)
        {
            Later(DiskDelay(), () => CompleteSnapshot(writer, mark));
        }
    }

    private void CompleteSnapshot(SnapshotWriter writer, SnapshotMark mark)
    {
        var bytes = 0L;
        try
        {
            using (writer)
            {
                bytes = writer.Complete().DataBytes;
            }
        }
        catch (StorageIoException fault) when (fault.IsNoSpace)
        {
            SnapshotFailed(mark);
            return;
        }

        Later(DiskDelay(), () =>
        {
            _store.SnapshotSaved(mark, mark.Index.Next);
            _simulation.Sometimes.Hit("snapshot saved");
            _simulation.Sometimes.HitIf(_appliedSeen > mark.Index.Value, "writes went on while a snapshot was saved");
            _simulation.Trace.Add(_node.Id.Value, "snapshot saved", mark.Index.Value, bytes);
            IsSavingSnapshot = false;
            Post(ReplicaEvent.SnapshotSaved(mark.Index, bytes));
        });
    }

    private void SnapshotFailed(SnapshotMark mark)
    {
        _simulation.Sometimes.Hit("snapshot failed for space");
        IsSavingSnapshot = false;
        Post(ReplicaEvent.SnapshotSaved(mark.Index, -1));
    }

    private void Maintain()
    {
        _store.Maintain();
        Later(200 * Time.Millisecond, Maintain);
    }

    private long DiskDelay()
    {
        var mean = _simulation.Options.DiskMeanUs;
        return Math.Min(_random.LongTailed(mean / 4, mean, 3, mean * 20) * Time.Microsecond * _node.DiskSlowness, DiskDelayMax);
    }
}

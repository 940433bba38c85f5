using RestKv.Api.Peers;
using RestKv.Api.Telemetry;
using RestKv.Api.Watch;
using RestKv.Core;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Api.Hosting;

/// <summary>Carries the kernel's effects to the threads that do them. Called on the replica thread only; never blocks.</summary>
internal sealed class ReplicaEffects(
    ReplicaThread thread,
    WalThread wal,
    SnapshotWorker snapshots,
    WatchDispatcher watches,
    PeerTransport peers,
    PeerMembers members,
    PublishedState published,
    ILogger logger,
    NodeMetrics metrics) : IReplicaEffects
{
    private RoleChange _role;
    private bool _isFull;
    private bool _hasDiverged;
    private long _leasesExpired;

    public void Persist(PersistBatch batch) => wal.Post(batch);

    public void Send(in Message message) => peers.Send(message);

    public void Publish(Publication publication)
    {
        published.Publish(publication);
        Report(publication);
        members.Update(publication.Facts.Members, publication.Raft.Settled);
        watches.Publish(publication);
        thread.Published(publication.View.Revision);
    }

    public void Complete(in Completion completion) => thread.Complete(completion);

    public void SaveSnapshot(MachineImage image, SnapshotMark mark, bool isUrgent) => snapshots.Save(image, mark, isUrgent);

    public void SendSnapshot(NodeId peer, LogIndex atLeast) => peers.SendSnapshot(peer, atLeast);

    private void Report(Publication publication)
    {
        var raft = publication.Raft;
        var role = new RoleChange(raft.Role, raft.Term, raft.Leader);
        if (role != _role)
        {
            if (role.Leader != _role.Leader && !role.Leader.IsNone)
            {
                metrics.LeaderChanged();
            }

            _role = role;
            HostingLog.RoleChanged(logger, role.Role.ToString(), role.Term.Value, role.Leader.ToString());
        }

        if (publication.Facts.IsFull != _isFull)
        {
            _isFull = publication.Facts.IsFull;
            (_isFull ? (Action<ILogger>)HostingLog.SpaceShort : HostingLog.SpaceBack)(logger);
        }

        if (publication.Facts.HasDiverged && !_hasDiverged)
        {
            _hasDiverged = true;
            HostingLog.Diverged(logger);
        }

        if (publication.Facts.LeasesExpired > _leasesExpired)
        {
            metrics.LeasesExpired((int)(publication.Facts.LeasesExpired - _leasesExpired));
            _leasesExpired = publication.Facts.LeasesExpired;
        }
    }
}

/// <summary>The newest publication. Written by the replica thread, read by all.</summary>
internal sealed class PublishedState(TimeProvider time)
{
    private Publication? _current;
    private long _clusterTimeMs;

    /// <summary>When the cluster's time was seen to move last, by this member's own clock.</summary>
    private long _movedAtMs;

    public Publication? Current => Volatile.Read(ref _current);

    /// <summary>
    /// That of the newest state and the time since. The two numbers are read one after the other: in between a state may come
    /// that is newer by as much as the sum is wrong, and sessions last longer than that.
    /// </summary>
    public long ClusterTimeMs
    {
        get
        {
            var movedAtMs = Volatile.Read(ref _movedAtMs);
            return Volatile.Read(ref _clusterTimeMs) + Math.Max(0, NowMs - movedAtMs);
        }
    }

    public LeaderWait Leader { get; } = new(time);

    private long NowMs => (long)time.GetElapsedTime(0).TotalMilliseconds;

    public void Publish(Publication publication)
    {
        if (publication.Auth.IsEnabled && publication.Facts.ClusterTimeMs != _clusterTimeMs)
        {
            Volatile.Write(ref _clusterTimeMs, publication.Facts.ClusterTimeMs);
            Volatile.Write(ref _movedAtMs, NowMs);
        }

        Volatile.Write(ref _current, publication);
        Leader.Published(publication.Raft.Leader, publication.Raft.Term);
    }
}

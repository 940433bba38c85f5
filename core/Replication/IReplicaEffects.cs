using RestKv.Core.Alarms;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>The only way out of the kernel. Implemented by the shell and by the simulator; no call blocks.</summary>
public interface IReplicaEffects
{
    /// <summary>Answered by <see cref="ReplicaEvent.Persisted"/>, for the last batch of several if they were merged.</summary>
    void Persist(PersistBatch batch);

    /// <summary>May drop.</summary>
    void Send(in Message message);

    /// <summary>Always called before the completions of what it contains.</summary>
    void Publish(Publication publication);

    void Complete(in Completion completion);

    /// <summary>Answered by <see cref="ReplicaEvent.SnapshotSaved"/>.</summary>
    /// <param name="isUrgent">A follower waits for it, or a full disk: written slowly it might never catch up with the log.</param>
    void SaveSnapshot(MachineImage image, SnapshotMark mark, bool isUrgent);

    /// <summary>
    /// A follower needs a snapshot; one at or after this index is durable here, the newest is best. Answered always and once
    /// by <see cref="ReplicaEvent.SnapshotSent"/>, also when nothing could be sent.
    /// </summary>
    void SendSnapshot(NodeId peer, LogIndex atLeast);
}

/// <summary>A newly visible state.</summary>
/// <param name="FromRevision">Revision of the publication before this one: the changes in between are new.</param>
/// <param name="IsSoleLeader">True when this member is the only voter, leads, and has committed in its term: then this view
/// is linearizable by itself, for nobody else can have acknowledged anything.</param>
public sealed record Publication(ReadView View, long FromRevision, RaftStatus Raft, bool IsSoleLeader, MachineFacts Facts)
{
    /// <summary>
    /// A received snapshot took the place of the state: the view may lack changes since <see cref="FromRevision"/> whose
    /// history was compacted elsewhere, so watches go back to reading history from where they are.
    /// </summary>
    public bool IsReset { get; init; }

    /// <summary>Who may do what in this state.</summary>
    public AuthTable Auth { get; init; } = AuthTable.Empty;
}

/// <summary>Counters of the machine, copied for status pages.</summary>
public readonly record struct MachineFacts(
    long ClusterTimeMs, int LeaseCount, int OutcomeCount, int PendingProposals, Retention Retention, bool IsFull, long LeasesExpired,
    MemberList Members, bool HasDiverged)
{
    public AlarmList Alarms
    {
        get => field ?? AlarmList.Empty;
        init;
    }
}

/// <summary>The end of a submit, read or renewal.</summary>
/// <param name="Result">Null for a read: its token may answer from the view published last.</param>
/// <param name="ReadRefused">A read that may not be answered: no leader.</param>
public readonly record struct Completion(object Token, OperationResult? Result, bool Replayed, bool ReadRefused);

using System.Collections.Immutable;
using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>Limits of one replica. Not replicated: members may differ.</summary>
public sealed record ReplicaConfig
{
    public RaftConfig Raft { get; init; } = new();

    /// <summary>Length of one <see cref="ReplicaEvent.Tick"/>.</summary>
    public long TickMs { get; init; } = 100;

    /// <summary>Proposals waiting for commit, at most; beyond it submits are refused as overloaded.</summary>
    public int PendingMax { get; init; } = 50_000;

    /// <summary>Bytes the store may take before commands that grow it are refused; 0 means no quota.</summary>
    public long QuotaBytes { get; init; }

    /// <summary>A snapshot is due when the log grew by this since the last one, or by the size of the last one if larger.</summary>
    public long SnapshotBytesMin { get; init; } = 64L << 20;

    /// <summary>After a start no snapshot is written for so long, unless somebody waits for one or space is short.</summary>
    public long SnapshotQuietMs { get; init; }

    /// <summary>
    /// Applied entries kept in memory for slow followers when there are any; up to four times that while no snapshot covers
    /// the rest.
    /// </summary>
    public long WindowEntries { get; init; } = 50_000;

    /// <summary>Their payload bytes, likewise.</summary>
    public long WindowBytes { get; init; } = 16L << 20;

    /// <summary>A request handed to the leader that was neither applied nor refused after this time has an unknown outcome.</summary>
    public long ForwardPatienceMs { get; init; } = 60_000;

    /// <summary>Lease expiries waiting for commit, at most.</summary>
    public int ExpiriesInFlightMax { get; init; } = 64;

    /// <summary>Records one slice of physical compaction looks at.</summary>
    public int CompactSliceRecords { get; init; } = 256;

    /// <summary>Automatic compaction comes in lumps of at least as many revisions; what is less waits for a while.</summary>
    public long CompactionStepMin { get; init; } = 1_000;

    /// <summary>Members compare their states so often, in cluster time, when something was written.</summary>
    public long StateCheckMs { get; init; } = 10_000;

    /// <summary>Names and addresses of the first members, for a member list that does not have them yet.</summary>
    public ImmutableArray<Member> FirstMembers { get; init; } = [];

    /// <summary>Start count of this member.</summary>
    public long Incarnation { get; init; } = 1;
}

using RestKv.Raft;
using RestKv.Storage.Snapshots;
using RestKv.Storage.Wal;

namespace RestKv.Storage;

/// <summary>How a member keeps its data. Checked once, when the store is opened.</summary>
public sealed record StoreOptions
{
    /// <summary>The cluster the data must belong to; none takes the directory's word.</summary>
    public ClusterId? Cluster { get; init; }

    /// <summary>The member the data must belong to; none takes the directory's word.</summary>
    public NodeId? Node { get; init; }

    /// <summary>What to make of an empty directory; none refuses it.</summary>
    public FreshStore? Fresh { get; init; }

    /// <summary>Size of a log segment, a multiple of 512.</summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>Log files kept ready at most, new ones and recycled ones.</summary>
    public int SparesMax { get; init; } = 2;

    /// <summary>Space held back for a full disk; 0 keeps none.</summary>
    public long ReserveBytes { get; init; } = 64L << 20;

    /// <summary>Snapshots kept.</summary>
    public int SnapshotsKept { get; init; } = 2;

    /// <summary>Keeps the log back to the older snapshot, so that one bad snapshot never costs data.</summary>
    public bool KeepLogForOlderSnapshot { get; init; } = true;

    /// <summary>Entries below the newest snapshot that recovery brings back for slow followers, at most.</summary>
    public int OverlapEntriesMax { get; init; } = 4096;

    /// <summary>Makes the pace for one piece of bulk work beside the log: a snapshot, a new segment.</summary>
    public Func<IWritePace> Pace { get; init; } = () => NoPace.Instance;

    internal void Validate()
    {
        Invariant.Check(SegmentBytes >= WalFormat.SegmentBytesMin);
        Invariant.Check(SegmentBytes <= uint.MaxValue);
        Invariant.Check(SegmentBytes % WalFormat.SectorBytes == 0);
        Invariant.Check(SparesMax >= 1);
        Invariant.Check(ReserveBytes >= 0);
        Invariant.Check(SnapshotsKept >= SnapshotCatalog.KeptMin);
        Invariant.Check(OverlapEntriesMax >= 0);
    }
}

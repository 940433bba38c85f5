using RestKv.Storage.Snapshots;
using RestKv.Storage.Wal;

namespace RestKv.Storage;

/// <summary>What opening a store found out of the ordinary; for the log of the process.</summary>
public sealed record RecoveryReport
{
    /// <summary>A flush that had not reached the disk whole was cut off. Normal after a crash.</summary>
    public TornTail? Torn { get; init; }

    /// <summary>Snapshots that were passed over for an older one. Not normal: the disk is damaging data.</summary>
    public IReadOnlyList<SnapshotCorruptException> DamagedSnapshots { get; init; } = [];

    /// <summary>The newest snapshot took the place of the log, which did not lead to it.</summary>
    public bool SnapshotReplacedLog { get; init; }

    /// <summary>Segments of the log that were read.</summary>
    public int Segments { get; init; }
}

namespace RestKv.Storage.Wal;

/// <summary>What <see cref="WalScan"/> read, and what has to be done before the log may be written again.</summary>
internal sealed record WalScanResult
{
    public required WalContents Contents { get; init; }

    public required WalTail Tail { get; init; }

    /// <summary>Where the last whole frame begins: the only one whose bytes may be in memory alone.</summary>
    public required WalPosition LastFrame { get; init; }

    /// <summary>Segments behind the end of the log, begun by a flush that never finished.</summary>
    public required IReadOnlyList<WalSegment> Discarded { get; init; }

    public required TornTail? Torn { get; init; }
}

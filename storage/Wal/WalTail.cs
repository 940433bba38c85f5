using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>Where the log stands: what recovery found and the writer goes on from.</summary>
internal sealed record WalTail
{
    /// <summary>Segments of the live log, oldest first; empty for a new log.</summary>
    public required IReadOnlyList<WalSegment> Segments { get; init; }

    /// <summary>End of the last whole frame.</summary>
    public required WalPosition End { get; init; }

    /// <summary>True when the last frame is empty: a witness of the one before.</summary>
    public bool EndsWithWitness { get; init; }

    /// <summary>Check sum of the last record.</summary>
    public required uint Chain { get; init; }

    public required long NextFlush { get; init; }

    public required LogIndex LastIndex { get; init; }

    public required HardState HardState { get; init; }

    /// <summary>Last restart of the log; none only before the log's first flush.</summary>
    public required SnapshotMark? Base { get; init; }

    public static WalTail Empty { get; } = new()
    {
        Segments = [],
        End = WalPosition.Start,
        Chain = 0,
        NextFlush = 1,
        LastIndex = LogIndex.Zero,
        HardState = default,
        Base = null,
    };
}

using RestKv.Checkers.History;
using RestKv.Checkers.Watch;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>All that is judged of a run.</summary>
internal sealed record ChaosEvidence
{
    public required IReadOnlyList<HistoryOperation> Operations { get; init; }

    /// <summary>The whole history of the store, as every member has told it.</summary>
    public required IReadOnlyList<StreamEvent> Events { get; init; }

    public IReadOnlyList<WatchStream> Streams { get; init; } = [];

    /// <summary>When writes were acknowledged, in nanoseconds of the history's clock.</summary>
    public IReadOnlyList<long> AcknowledgedAt { get; init; } = [];

    /// <summary>What the history's clock shows when the wall clock shows 0.</summary>
    public long WallZero { get; init; }

    /// <summary>How much the two clocks of the machine went apart during the run.</summary>
    public long ClockDrift { get; init; }

    public long EndOfRun { get; init; }
}

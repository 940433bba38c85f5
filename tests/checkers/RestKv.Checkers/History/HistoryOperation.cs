namespace RestKv.Checkers.History;

/// <summary>One operation as its client saw it. Times are of one monotonic clock, in nanoseconds.</summary>
public sealed record HistoryOperation
{
    /// <summary>The end of an operation that was never answered.</summary>
    public const long Never = long.MaxValue;

    public required int Id { get; init; }

    public required int Client { get; init; }

    public required HistoryRequest Request { get; init; }

    public required long Start { get; init; }

    /// <summary><see cref="Never"/> when the outcome is unknown: it may take effect at any time after its start.</summary>
    public required long End { get; init; }

    public required HistoryOutcome Outcome { get; init; }

    public HistoryReply? Reply { get; init; }

    /// <summary>Who answered; 0 when nobody did.</summary>
    public long Member { get; init; }

    /// <summary>The store's revision that the reply states, or 0.</summary>
    public long Revision => Reply switch
    {
        HistoryReply.Result result => result.Value.Revision,
        HistoryReply.Versions versions => versions.Revision,
        HistoryReply.Lease lease => lease.Revision,
        _ => 0,
    };
}

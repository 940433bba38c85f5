namespace RestKv.Core.Watch;

/// <summary>Bounds of one watcher. The defaults are the product's; tests make them tiny to reach every corner.</summary>
public sealed record WatchLimits
{
    public static readonly WatchLimits Default = new();

    /// <summary>Events that may wait for a live watcher; with one more it goes back to reading history.</summary>
    public int RingEventsMax { get; init; } = 1_000;

    /// <summary>Bytes of keys and values that may wait for a live watcher. One event alone may be larger.</summary>
    public long RingBytesMax { get; init; } = 1 << 20;

    /// <summary>A turn ends at the next whole revision after this many events.</summary>
    public int TurnEvents { get; init; } = 256;

    /// <summary>A turn ends at the next whole revision after this many bytes of keys and values.</summary>
    public long TurnBytes { get; init; } = 64 << 10;

    /// <summary>A turn ends at the next whole revision after looking at this many changes.</summary>
    public int TurnScan { get; init; } = 2_000;

    /// <summary>Times the above at which a turn ends even inside a revision (a delete of a million keys is one revision).</summary>
    public int HardFactor { get; init; } = 8;

    /// <summary>A watcher further behind than this is not taken over to live but reads on in history.</summary>
    public int JoinRevisionsMax { get; init; } = 1_000;
}

namespace RestKv.Checkers.Watch;

/// <summary>One connection of a watcher: what it asked and the frames it read, in order.</summary>
public sealed record WatchConnection
{
    /// <summary>First revision asked for; 0 means "from now on".</summary>
    public required long From { get; init; }

    /// <summary>True when <see cref="From"/> is the last id seen plus one, which the checker verifies.</summary>
    public bool IsResume { get; init; }

    public long Member { get; init; }

    public IList<WatchFrame> Frames { get; init; } = [];
}

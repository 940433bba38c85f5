namespace RestKv.Cluster.Tests.Chaos;

/// <summary>One run: everything it does follows from this, except for what the machine does to it.</summary>
internal sealed record ChaosOptions
{
    public int Members { get; init; } = 3;

    public int Seed { get; init; } = 1;

    /// <summary>Names of <see cref="Nemesis.Faults"/>, in the order in which they come.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    public int Clients { get; init; } = 8;

    public int Watchers { get; init; } = 4;

    public int LeaseHolders { get; init; } = 2;

    /// <summary>Of the members; their default unless given.</summary>
    public TimeSpan? ElectionTimeout { get; init; }

    /// <summary>Between two requests of a client.</summary>
    public TimeSpan Pace { get; init; } = TimeSpan.FromMilliseconds(30);
}

namespace RestKv.Checkers.Leases;

/// <summary>What <see cref="LeaseGuarantees"/> needs besides the operations.</summary>
public sealed record LeaseEvidence
{
    public required IReadOnlyList<LeaseEnd> Ends { get; init; }

    /// <summary>When the observation stopped.</summary>
    public required long EndOfRun { get; init; }

    /// <summary>Times in which nobody led: lease time stands still in them. Sorted, disjoint.</summary>
    public IReadOnlyList<(long From, long To)> Leaderless { get; init; } = [];

    /// <summary>Beyond TTL and leaderless time, an expiry may take this long.</summary>
    public long LatenessMax { get; init; } = 1_000_000_000;

    /// <summary>And this much more for each time without a leader.</summary>
    public long LatenessMaxPerGap { get; init; } = 1_000_000_000;

    /// <summary>Error of the clients' clock against the store's, for runs with real clocks.</summary>
    public long ClockError { get; init; }
}

namespace RestKv.Api.Contracts;

/// <summary>All members as they are now.</summary>
internal sealed record ClusterReport
{
    public required string Cluster { get; init; }

    public string? Leader { get; init; }

    /// <summary>So many voters decide.</summary>
    public required int Quorum { get; init; }

    /// <summary>True when every voter answers, one leads, and none has diverged.</summary>
    public required bool Healthy { get; init; }

    public required IReadOnlyList<ClusterMember> Members { get; init; }
}

/// <summary>One member, as it answered just now.</summary>
internal sealed record ClusterMember
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> PeerUrls { get; init; }

    public required IReadOnlyList<string> ClientUrls { get; init; }

    /// <summary>`leader`, `follower`, `candidate`, `precandidate`, `learner`, or what it is listed as when it does not answer.</summary>
    public required string Role { get; init; }

    public required bool Reachable { get; init; }

    /// <summary>How long its answer took; 0 for the member that was asked.</summary>
    public double? LatencyMs { get; init; }

    public long? Term { get; init; }

    public long? CommitIndex { get; init; }

    public long? AppliedIndex { get; init; }

    /// <summary>Entries committed, as far as any member knows, that it has not applied.</summary>
    public long? Lag { get; init; }

    public long? Rev { get; init; }

    public long? UsedBytes { get; init; }

    public bool? Ready { get; init; }

    public bool? Diverged { get; init; }

    /// <summary>Why the others do not let it take part: its data directory was lost or went back. Absent for a healthy one.</summary>
    public string? Refused { get; init; }

    public string? Version { get; init; }
}

/// <summary>Who leads now.</summary>
internal sealed record LeaderResult
{
    public required string Leader { get; init; }
}

namespace RestKv.Api.Contracts;

/// <summary>Where history begins now.</summary>
internal sealed record CompactResult
{
    public required long Rev { get; init; }

    public long? CompactedRev { get; init; }
}

/// <summary>The policy of automatic compaction.</summary>
internal sealed record RetentionPolicy
{
    /// <summary>So many of the newest revisions always stay.</summary>
    public required long Revisions { get; init; }

    /// <summary>Older ones stay while they are younger than this.</summary>
    public required string Age { get; init; }
}

/// <summary>What became of a write with an Idempotency-Key.</summary>
internal sealed record WriteOutcome
{
    /// <summary>`applied` or `not-applied`; both are final.</summary>
    public required string Status { get; init; }

    /// <summary>The revision, when applied.</summary>
    public long? Rev { get; init; }

    /// <summary>Of a conditional write or a transaction: whether its condition held.</summary>
    public bool? Succeeded { get; init; }

    /// <summary>Why it was refused, when it was.</summary>
    public string? Code { get; init; }
}

/// <summary>How full the store is.</summary>
internal sealed record QuotaReport
{
    public required long QuotaBytes { get; init; }

    public required long UsedBytes { get; init; }

    /// <summary>The part of the used bytes that the newest versions take.</summary>
    public required long LiveBytes { get; init; }

    public required long HistoryBytes { get; init; }

    /// <summary>True while only deletes, compaction and revokes are taken.</summary>
    public required bool Full { get; init; }
}

/// <summary>This member, as it sees itself.</summary>
internal sealed record MemberStatus
{
    public required string Member { get; init; }

    public required string Name { get; init; }

    public required string Cluster { get; init; }

    public required string Version { get; init; }

    public required bool Ready { get; init; }

    /// <summary>True when its state is not that of the majority: then it answers nothing from it.</summary>
    public required bool Diverged { get; init; }

    /// <summary>Why the other members do not let it take part: its data directory was lost or went back. Absent mostly.</summary>
    public string? Refused { get; init; }

    public required bool Insecure { get; init; }

    /// <summary>`leader`, `follower`, `candidate` or `precandidate`.</summary>
    public required string Role { get; init; }

    public required long Term { get; init; }

    public string? Leader { get; init; }

    public required long LastIndex { get; init; }

    public required long PersistedIndex { get; init; }

    public required long CommitIndex { get; init; }

    public required long AppliedIndex { get; init; }

    public required IReadOnlyList<string> Voters { get; init; }

    public required long Rev { get; init; }

    public required long CompactedRev { get; init; }

    public required long Keys { get; init; }

    public required long UsedBytes { get; init; }

    public required long QuotaBytes { get; init; }

    public required bool Full { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>Bytes of the log's files, preallocated ones included.</summary>
    public required long WalBytes { get; init; }

    public required long Leases { get; init; }

    public required long Watches { get; init; }

    public required long ProposalsPending { get; init; }

    /// <summary>Milliseconds that the cluster has had a leader: the clock of leases, which no wall clock moves.</summary>
    public required long ClusterTimeMs { get; init; }

    /// <summary>Every limit, its unit in its name.</summary>
    public required IReadOnlyDictionary<string, long> Limits { get; init; }
}

/// <summary>What there is on this server, as paths.</summary>
internal sealed record RootLinks
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    public required string Docs { get; init; }

    public required string Openapi { get; init; }

    public required string Status { get; init; }

    public required string Problems { get; init; }
}

/// <summary>etcd's answer to probes.</summary>
internal sealed record HealthReport
{
    /// <summary>`true` or `false`, as text.</summary>
    public required string Health { get; init; }

    public required string Reason { get; init; }
}

/// <summary>The versions clients of etcd look for, and ours.</summary>
internal sealed record VersionReport
{
    public required string Etcdserver { get; init; }

    public required string Etcdcluster { get; init; }

    public required string Restkv { get; init; }
}

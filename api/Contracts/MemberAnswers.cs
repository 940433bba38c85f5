namespace RestKv.Api.Contracts;

/// <summary>All members.</summary>
internal sealed record MemberPage
{
    public required IReadOnlyList<MemberEntry> Members { get; init; }

    /// <summary>So many voters decide.</summary>
    public required int Quorum { get; init; }

    public required int Voters { get; init; }

    /// <summary>The member that leads, when one is known.</summary>
    public string? Leader { get; init; }
}

/// <summary>One member.</summary>
internal sealed record MemberEntry
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> PeerUrls { get; init; }

    public required IReadOnlyList<string> ClientUrls { get; init; }

    /// <summary>`voter`, `learner`, or `joining` before it receives anything.</summary>
    public required string Role { get; init; }

    /// <summary>What it is to become, when that is not what it is.</summary>
    public string? Wanted { get; init; }

    /// <summary>The member that goes when this one votes.</summary>
    public string? Replaces { get; init; }
}

/// <summary>A change of the members.</summary>
internal sealed record MemberChangeResult
{
    public required MemberEntry Member { get; init; }

    public required QuorumChange Quorum { get; init; }

    /// <summary>True when nothing was done, as asked.</summary>
    public bool? DryRun { get; init; }
}

/// <summary>How many voters decide.</summary>
internal sealed record QuorumChange
{
    public required int Before { get; init; }

    /// <summary>When the change has taken full effect.</summary>
    public required int After { get; init; }
}

/// <summary>Something that takes its time.</summary>
internal sealed record OperationReport
{
    public required string Id { get; init; }

    /// <summary>`replace-member`.</summary>
    public required string Kind { get; init; }

    /// <summary>`joining`, `catching-up`, `removing` or `done`.</summary>
    public required string State { get; init; }

    /// <summary>The new member.</summary>
    public required string Member { get; init; }

    public required string Replaces { get; init; }

    /// <summary>Where the new member's log ends, seen from the leader.</summary>
    public long? MatchIndex { get; init; }

    /// <summary>Where the leader's log ends.</summary>
    public long? LastIndex { get; init; }
}

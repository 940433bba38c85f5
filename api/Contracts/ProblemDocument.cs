namespace RestKv.Api.Contracts;

/// <summary>Why a request failed (RFC 9457).</summary>
internal sealed record ProblemDocument
{
    /// <summary>Where the kind of problem is explained, on this server.</summary>
    public required string Type { get; init; }

    public required string Title { get; init; }

    public required int Status { get; init; }

    /// <summary>What is wrong with this request.</summary>
    public required string Detail { get; init; }

    /// <summary>The name to switch on.</summary>
    public required string Code { get; init; }

    /// <summary>True when the same request may succeed later.</summary>
    public required bool Retryable { get; init; }

    /// <summary>Of writes: `not-applied`, or `unknown` when only the Idempotency-Key can tell.</summary>
    public string? Outcome { get; init; }

    /// <summary>Name it to the operator: the server's log has it too.</summary>
    public required string RequestId { get; init; }

    /// <summary>The field (JSON pointer), parameter or header at fault.</summary>
    public string? At { get; init; }

    /// <summary>All faults of the body, when there are several.</summary>
    public IReadOnlyList<ProblemFault>? Errors { get; init; }

    /// <summary>The store's revision.</summary>
    public long? Rev { get; init; }

    /// <summary>The oldest readable revision.</summary>
    public long? CompactedRev { get; init; }

    /// <summary>What a failed precondition met.</summary>
    public ProblemCurrent? Current { get; init; }

    /// <summary>From when on the outcomes of writes are known.</summary>
    public DateTimeOffset? KnownFrom { get; init; }

    public IReadOnlyList<string>? FailedChecks { get; init; }
}

/// <summary>One fault of a body.</summary>
internal sealed record ProblemFault
{
    public required string At { get; init; }

    public required string Code { get; init; }

    public required string Detail { get; init; }
}

/// <summary>What a failed precondition met; revision and version 0 mean that there was no key.</summary>
internal sealed record ProblemCurrent
{
    public required long ModRev { get; init; }

    public required long Version { get; init; }

    public DateTimeOffset? ModAt { get; init; }

    public string? ModBy { get; init; }
}

/// <summary>A kind of problem.</summary>
internal sealed record ProblemExplanation
{
    public required string Type { get; init; }

    public required string Code { get; init; }

    public required int Status { get; init; }

    public required string Title { get; init; }

    public required bool Retryable { get; init; }

    /// <summary>What has usually happened.</summary>
    public required string Cause { get; init; }

    /// <summary>What to do next.</summary>
    public required string Remedy { get; init; }
}

/// <summary>All kinds of problems.</summary>
internal sealed record ProblemList
{
    public required IReadOnlyList<ProblemExplanation> Problems { get; init; }
}

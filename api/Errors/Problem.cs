using RestKv.Core.Model;

namespace RestKv.Api.Errors;

/// <summary>
/// One failure on its way to the client (RFC 9457). A value, not an exception: whoever finds a fault returns it and the
/// endpoint writes it. Never holds values, other keys, paths of files or stack traces.
/// </summary>
/// <param name="Detail">What is wrong with this request and, where it helps, what would be right.</param>
internal sealed record Problem(ProblemType Type, string Detail)
{
    /// <summary>Field, parameter or header at fault: a JSON pointer for bodies, else the name.</summary>
    public string? At { get; init; }

    /// <summary>The store's revision, for the client to compare its own with.</summary>
    public long Revision { get; init; }

    /// <summary>The oldest revision that can be read, when the asked one cannot; negative means not applicable.</summary>
    public long CompactedRevision { get; init; } = -1;

    /// <summary>What a failed precondition met.</summary>
    public KeyValue? Current { get; init; }

    /// <summary>True when a failed precondition met no key at all.</summary>
    public bool CurrentIsAbsent { get; init; }

    /// <summary>True when the write may still be applied: the client must ask by Idempotency-Key, not guess.</summary>
    public bool OutcomeUnknown { get; init; }

    /// <summary>The write took effect, though not as it was hoped for.</summary>
    public bool OutcomeApplied { get; init; }

    /// <summary>True when what follows on the connection cannot be trusted to be a request.</summary>
    public bool ClosesConnection { get; init; }

    /// <summary>Overrides the type's status where HTTP has a more exact one (417).</summary>
    public int Status { get; init; }

    /// <summary>When to come again, where a second is not it.</summary>
    public int RetryAfterSeconds { get; init; }

    /// <summary>Names of the checks that failed, for `/readyz`.</summary>
    public IReadOnlyList<string> FailedChecks { get; init; } = [];

    /// <summary>Every fault of the body when there are several; <see cref="At"/> is the first of them.</summary>
    public IReadOnlyList<FieldFault> Faults { get; init; } = [];

    /// <summary>From when on outcomes are known, Unix milliseconds; 0 when none was ever forgotten.</summary>
    public long KnownFromMs { get; init; }

    /// <summary>The same fault seen from the enclosing element of the body.</summary>
    public Problem Under(string pointer) => this with { At = pointer + At };
}

/// <param name="At">JSON pointer, parameter or header.</param>
internal readonly record struct FieldFault(string At, string Code, string Detail);

namespace RestKv.Api.Contracts;

/// <summary>Which branch ran and what its operations gave, in order.</summary>
internal sealed record TxnResult
{
    /// <summary>True when `then` ran. Absent only when a retry meets an answer that was too large to keep.</summary>
    public bool? Succeeded { get; init; }

    /// <summary>The revision of the changes, or the current one when nothing changed. Absent in nested results.</summary>
    public long? Rev { get; init; }

    public IReadOnlyList<TxnOperationResult>? Results { get; init; }
}

/// <summary>Exactly one of its members, the same as in the operation.</summary>
internal sealed record TxnOperationResult
{
    public TxnPutResult? Put { get; init; }

    public TxnDeleteResult? Delete { get; init; }

    public TxnGetResult? Get { get; init; }

    public TxnResult? Txn { get; init; }
}

/// <summary>What a put in a transaction did.</summary>
internal sealed record TxnPutResult
{
    public required bool Created { get; init; }

    /// <summary>The lease made by `ttl`.</summary>
    public string? Lease { get; init; }

    /// <summary>Seconds the lease was granted for.</summary>
    public long? Ttl { get; init; }

    public Entry? Prev { get; init; }
}

/// <summary>What a deletion in a transaction did.</summary>
internal sealed record TxnDeleteResult
{
    public required long Deleted { get; init; }

    public IReadOnlyList<Entry>? Prev { get; init; }
}

/// <summary>What a read in a transaction saw.</summary>
internal sealed record TxnGetResult
{
    public IReadOnlyList<Entry>? Items { get; init; }

    public bool? More { get; init; }

    public long? Count { get; init; }
}

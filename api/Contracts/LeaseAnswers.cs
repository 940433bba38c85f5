namespace RestKv.Api.Contracts;

/// <summary>A lease and how long it lives without a keep-alive.</summary>
internal sealed record LeaseGrant
{
    /// <summary>Hexadecimal; a string, because it may exceed 2^53.</summary>
    public required string Id { get; init; }

    /// <summary>Seconds.</summary>
    public required long Ttl { get; init; }
}

/// <summary>A lease as it is.</summary>
internal sealed record LeaseDetail
{
    public required string Id { get; init; }

    /// <summary>Seconds left, rounded up.</summary>
    public required long Ttl { get; init; }

    public required long GrantedTtl { get; init; }

    /// <summary>The attached keys in key order, when asked for.</summary>
    public IReadOnlyList<KeyName>? Keys { get; init; }
}

/// <summary>A key; exactly one of the two.</summary>
internal sealed record KeyName
{
    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }
}

/// <summary>A page of leases in the order of their ids.</summary>
internal sealed record LeasePage
{
    public required IReadOnlyList<LeaseDetail> Leases { get; init; }

    public bool? More { get; init; }

    /// <summary>The cursor of the next page.</summary>
    public string? Next { get; init; }
}

/// <summary>What became of each keep-alive, in the order asked.</summary>
internal sealed record LeaseKeepAliveResult
{
    public required IReadOnlyList<LeaseRenewal> Leases { get; init; }
}

/// <summary>A renewed lease has a ttl, one that does not exist a code.</summary>
internal sealed record LeaseRenewal
{
    public required string Id { get; init; }

    public long? Ttl { get; init; }

    /// <summary>`lease-not-found`.</summary>
    public string? Code { get; init; }
}

/// <summary>What a revocation did.</summary>
internal sealed record LeaseRevocation
{
    public required long Rev { get; init; }

    public long? DeletedKeys { get; init; }
}

/// <summary>The data of the events of a held lease: `held`, `lost` and `closing`.</summary>
internal sealed record LeaseHoldEvent
{
    public required string Id { get; init; }

    /// <summary>Of `held`: the lifetime in seconds once the connection is gone.</summary>
    public long? Ttl { get; init; }

    /// <summary>Of `closing`: `shutdown`. Connect to another member; the lease lives on for its ttl.</summary>
    public string? Reason { get; init; }
}

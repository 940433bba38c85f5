namespace RestKv.Api.Contracts;

/// <summary>What a put did.</summary>
internal sealed record PutResult
{
    /// <summary>The revision of the write.</summary>
    public required long Rev { get; init; }

    /// <summary>True when the key was not there before.</summary>
    public bool? Created { get; init; }

    /// <summary>The lease made by `ttl`.</summary>
    public string? Lease { get; init; }

    public long? Ttl { get; init; }

    /// <summary>What was there before, when asked for.</summary>
    public Entry? Prev { get; init; }

    /// <summary>The entry as it is now, with `Prefer: return=representation`.</summary>
    public Entry? Entry { get; init; }
}

/// <summary>What the deletion of a key did.</summary>
internal sealed record DeleteResult
{
    public required long Rev { get; init; }

    /// <summary>0 when there was nothing to delete.</summary>
    public long? Deleted { get; init; }

    /// <summary>What was there before, when asked for.</summary>
    public Entry? Prev { get; init; }
}

/// <summary>What the deletion of a range did.</summary>
internal sealed record DeleteRangeResult
{
    public required long Rev { get; init; }

    public long? Deleted { get; init; }

    /// <summary>What was there before, in key order, when asked for.</summary>
    public IReadOnlyList<Entry>? Prev { get; init; }
}

/// <summary>
/// A page of entries at one revision; or, with `countOnly`, only their number; or, with `wait` or `since`, the changes after
/// a revision.
/// </summary>
internal sealed record KeyPage
{
    public required long Rev { get; init; }

    public IReadOnlyList<Entry>? Items { get; init; }

    /// <summary>Groups that the delimiter made; there whenever a delimiter was given.</summary>
    public IReadOnlyList<string>? Prefixes { get; init; }

    /// <summary>Groups that are not UTF-8.</summary>
    public IReadOnlyList<string>? PrefixesBase64 { get; init; }

    /// <summary>Whether there is a next page. In every page of entries; of changes, only when true.</summary>
    public bool? More { get; init; }

    /// <summary>The cursor of the next page; of changes, the revision to go on after.</summary>
    public System.Text.Json.JsonElement? Next { get; init; }

    /// <summary>All entries that match, when asked for.</summary>
    public long? Count { get; init; }

    public IReadOnlyList<KeyChange>? Changes { get; init; }
}

/// <summary>One change of one key: a put with the entry it made, or a deletion with its cause.</summary>
internal sealed record KeyChange
{
    /// <summary>`put` or `delete`.</summary>
    public required string Type { get; init; }

    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }

    public string? Value { get; init; }

    public string? Base64 { get; init; }

    public required long ModRev { get; init; }

    public long? CreateRev { get; init; }

    public long? Version { get; init; }

    public DateTimeOffset? ModAt { get; init; }

    public string? ModBy { get; init; }

    public string? Lease { get; init; }

    /// <summary>Of a deletion: `delete`, `expire`, `revoke` or `txn`.</summary>
    public string? Cause { get; init; }
}

/// <summary>The retained versions of a key, newest first.</summary>
internal sealed record KeyHistory
{
    public required long Rev { get; init; }

    /// <summary>History ends here: what was before it was given up.</summary>
    public required long CompactedRev { get; init; }

    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }

    public required IReadOnlyList<KeyVersion> Versions { get; init; }

    public bool? More { get; init; }

    /// <summary>Give it as `rev` to go on.</summary>
    public long? NextRev { get; init; }
}

/// <summary>One version, or the deletion that ended one.</summary>
internal sealed record KeyVersion
{
    public bool? Deleted { get; init; }

    /// <summary>Of a deletion: `delete`, `expire`, `revoke` or `txn`.</summary>
    public string? Cause { get; init; }

    public string? Value { get; init; }

    public string? Base64 { get; init; }

    public required long ModRev { get; init; }

    public long? CreateRev { get; init; }

    public long? Version { get; init; }

    public DateTimeOffset? ModAt { get; init; }

    public string? ModBy { get; init; }

    public string? Lease { get; init; }
}

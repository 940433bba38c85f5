using System.Text.Json;

namespace RestKv.Api.Contracts;

/// <summary>
/// The data of any event of a watch; which members are there depends on the event. Described here for the document; written
/// by hand, once for all streams with the same options.
/// </summary>
internal sealed record WatchEventData
{
    /// <summary>NDJSON only: the name of the event.</summary>
    public string? Event { get; init; }

    /// <summary>`put`, `delete`: the key, when it is UTF-8.</summary>
    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }

    /// <summary>`put`: the value, when it is UTF-8.</summary>
    public string? Value { get; init; }

    public string? Base64 { get; init; }

    /// <summary>With `values=json`: the value itself.</summary>
    public JsonElement? Json { get; init; }

    /// <summary>Revision of the change.</summary>
    public long? ModRev { get; init; }

    public long? CreateRev { get; init; }

    /// <summary>1 when the put created the key.</summary>
    public long? Version { get; init; }

    public string? ModAt { get; init; }

    public string? ModBy { get; init; }

    public string? Lease { get; init; }

    /// <summary>`delete`: `delete`, `expire`, `revoke` or `txn`.</summary>
    public string? Cause { get; init; }

    /// <summary>With `prev=true`: what was there before.</summary>
    public Entry? Prev { get; init; }

    /// <summary>True on the puts of a snapshot.</summary>
    public bool? Snapshot { get; init; }

    /// <summary>`open`, `progress`, `synced`, `reset`, `compacted`: a revision of the store.</summary>
    public long? Rev { get; init; }

    /// <summary>`open`: the first revision that can come.</summary>
    public long? From { get; init; }

    public long? CompactedRev { get; init; }

    public string? Member { get; init; }

    public string? Cluster { get; init; }

    /// <summary>`synced`: keys of the snapshot.</summary>
    public long? Count { get; init; }

    /// <summary>
    /// `reset`: `compacted` or `unknown-revision`. `closing`: `slow-consumer`, `shutdown`, `leader-lost`, `max-life` or
    /// `member-corrupt`.
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>`closing`: when to come back.</summary>
    public long? RetryAfterMs { get; init; }
}

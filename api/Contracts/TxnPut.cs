using System.Text.Json;

namespace RestKv.Api.Contracts;

/// <summary>Writes a key: `key` or `keyBase64`, and exactly one of `value`, `base64` and `json`.</summary>
internal sealed record TxnPut
{
    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }

    public string? Value { get; init; }

    public string? Base64 { get; init; }

    /// <summary>Any JSON, stored compact.</summary>
    public JsonElement? Json { get; init; }

    /// <summary>Lifetime of a lease of the key's own: `"30s"` or whole seconds.</summary>
    public JsonElement? Ttl { get; init; }

    /// <summary>Id of the lease to attach the key to.</summary>
    public string? Lease { get; init; }

    public bool? KeepLease { get; init; }

    /// <summary>Return what was there before.</summary>
    public bool? Prev { get; init; }
}

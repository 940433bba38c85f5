using System.Text.Json;
using RestKv.Api.Http;

namespace RestKv.Api.Contracts;

/// <summary>
/// A condition on a key or on every key of a range: `key` (or its twin), `prefix` or `start`/`end`, and exactly one of
/// `exists`, `value`, `base64`, `version`, `modRev`, `createRev` and `lease`. A plain value means "equal"; an object with one
/// of `eq`, `ne`, `gt`, `lt` compares otherwise. A missing key has version and revisions 0,
/// the lease "0", and no value: no comparison of its value holds, not even `ne`.
/// </summary>
[FaultCode("invalid-compare")]
internal sealed record TxnCompare : IKeyRangeContract
{
    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }

    public string? Prefix { get; init; }

    public string? PrefixBase64 { get; init; }

    public string? Start { get; init; }

    public string? StartBase64 { get; init; }

    public string? End { get; init; }

    public string? EndBase64 { get; init; }

    /// <summary>Whether there is such a key (of a range: whether there is any).</summary>
    [FaultCode("invalid-compare")]
    public bool? Exists { get; init; }

    /// <summary>Compares the value as text.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>Compares the value as bytes.</summary>
    public JsonElement? Base64 { get; init; }

    public JsonElement? Version { get; init; }

    public JsonElement? ModRev { get; init; }

    public JsonElement? CreateRev { get; init; }

    /// <summary>Compares the id of the lease; "0" is no lease.</summary>
    public JsonElement? Lease { get; init; }
}

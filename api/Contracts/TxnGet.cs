using RestKv.Api.Http;

namespace RestKv.Api.Contracts;

/// <summary>Reads a key or a range; after a write in the same transaction it sees that write.</summary>
internal sealed record TxnGet : IKeyRangeContract
{
    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }

    public string? Prefix { get; init; }

    public string? PrefixBase64 { get; init; }

    public string? Start { get; init; }

    public string? StartBase64 { get; init; }

    public string? End { get; init; }

    public string? EndBase64 { get; init; }

    /// <summary>Read the past as it was at that revision.</summary>
    [FaultCode("bad-revision")]
    public long? Rev { get; init; }

    /// <summary>1 to 10000, default 1000.</summary>
    [FaultCode("invalid-limit")]
    public long? Limit { get; init; }

    /// <summary>`asc` or `desc`.</summary>
    public string? Order { get; init; }

    /// <summary>`key`, `modRev`, `createRev` or `version`.</summary>
    public string? Sort { get; init; }

    [FaultCode("bad-revision")]
    public long? MinModRev { get; init; }

    [FaultCode("bad-revision")]
    public long? MaxModRev { get; init; }

    /// <summary>`text`, `json`, `base64` or `none`.</summary>
    public string? Values { get; init; }

    public bool? CountOnly { get; init; }
}

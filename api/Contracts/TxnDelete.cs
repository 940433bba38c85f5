namespace RestKv.Api.Contracts;

/// <summary>Deletes a key or a range.</summary>
internal sealed record TxnDelete : IKeyRangeContract
{
    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }

    public string? Prefix { get; init; }

    public string? PrefixBase64 { get; init; }

    public string? Start { get; init; }

    public string? StartBase64 { get; init; }

    public string? End { get; init; }

    public string? EndBase64 { get; init; }

    /// <summary>Yes, delete a range with an open end: every key there is, or all before or after one.</summary>
    public bool? All { get; init; }

    /// <summary>Return what was there before.</summary>
    public bool? Prev { get; init; }
}

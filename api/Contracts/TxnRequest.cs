namespace RestKv.Api.Contracts;

/// <summary>If all conditions hold the operations of `then` run, else those of `else`: in one step and one revision.</summary>
internal sealed record TxnRequest
{
    /// <summary>Conditions, all of which must hold; none means "always".</summary>
    public IReadOnlyList<TxnCompare>? If { get; init; }

    public IReadOnlyList<TxnOperation>? Then { get; init; }

    public IReadOnlyList<TxnOperation>? Else { get; init; }
}

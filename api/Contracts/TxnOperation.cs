namespace RestKv.Api.Contracts;

/// <summary>Exactly one of its members.</summary>
internal sealed record TxnOperation
{
    public TxnPut? Put { get; init; }

    public TxnDelete? Delete { get; init; }

    public TxnGet? Get { get; init; }

    /// <summary>A transaction in a transaction; its conditions, too, are judged against the state before all of it.</summary>
    public TxnRequest? Txn { get; init; }
}

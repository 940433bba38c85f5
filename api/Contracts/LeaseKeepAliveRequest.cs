namespace RestKv.Api.Contracts;

/// <summary>Asks to keep several leases alive in one round trip.</summary>
internal sealed record LeaseKeepAliveRequest
{
    public IReadOnlyList<string>? Ids { get; init; }
}

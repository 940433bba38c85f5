using RestKv.Core.Model;

namespace RestKv.Core.Leases;

/// <summary>One lease as a reader sees it.</summary>
/// <param name="RemainingMs">Cluster time left; never negative, rounded by the reader.</param>
/// <param name="Keys">Attached keys in byte order, only when asked for.</param>
public sealed record LeaseInfo(
    LeaseId Id,
    long GrantedTtlSeconds,
    long RemainingMs,
    IReadOnlyList<ReadOnlyMemory<byte>> Keys);

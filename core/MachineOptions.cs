using RestKv.Core.Mvcc;
using RestKv.Core.Outcomes;

namespace RestKv.Core;

/// <summary>Limits that are part of the replicated behaviour: the same on every member of a cluster.</summary>
public sealed record MachineOptions
{
    public MvccOptions Mvcc { get; init; } = new();

    public OutcomeLimits Outcomes { get; init; } = new();

    public int LeasesMax { get; init; } = 100_000;
}

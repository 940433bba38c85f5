using RestKv.Core.Auth;
using RestKv.Core.Model;

namespace RestKv.Checkers.Model;

/// <summary>What a log entry carries besides its command.</summary>
public sealed record ModelContext
{
    public static readonly ModelContext Empty = new();

    public long WallMs { get; init; }

    public long ClusterMs { get; init; }

    public string Author { get; init; } = "";

    public Credential Credential { get; init; }

    public string? IdempotencyKey { get; init; }

    /// <summary>Stands for the request body: the same key with another hash is refused.</summary>
    public ulong RequestHash { get; init; }

    /// <summary>
    /// Ids that the store picked for leases without one, in order of use. The contract leaves the choice to the store, so
    /// the model is told; it checks only that they were free.
    /// </summary>
    public IReadOnlyList<LeaseId> ChosenLeases { get; init; } = [];

    /// <summary>Set when the store is known to have refused the entry for space, which the model cannot judge.</summary>
    public bool RefusedForSpace { get; init; }
}

using System.Collections.Immutable;

namespace RestKv.Core.Auth;

/// <summary>A long-lived secret with a name, in place of a password. Immutable.</summary>
/// <param name="Roles">Only these of the user's roles count; null for all.</param>
/// <param name="Scopes">Only these keys count, and this access to them; empty for all.</param>
/// <param name="CreatedAtMs">Wall time: a label.</param>
/// <param name="DeadlineMs">Cluster time at which it ends; 0 for never.</param>
/// <param name="LastUsedMs">Wall time, to the hour; 0 for never.</param>
public sealed record ApiToken(
    long Id, string Name, string User, TokenDigest Digest, ImmutableSortedSet<string>? Roles, ImmutableArray<Permission> Scopes,
    long CreatedAtMs, long DeadlineMs, long LastUsedMs = 0)
{
    /// <summary>The union of those of the user's roles that count, worked out whenever one of them changes.</summary>
    public AccessRights Rights { get; init; } = AccessRights.None;

    /// <summary>Null when all keys count.</summary>
    public AccessRights? Scope { get; } = Scopes.IsEmpty ? null : AccessRights.Of(Scopes);

    public bool IsOver(long clusterTimeMs) => DeadlineMs != 0 && DeadlineMs <= clusterTimeMs;
}

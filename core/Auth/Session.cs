using System.Collections.Immutable;

namespace RestKv.Core.Auth;

/// <summary>Somebody who has logged in. Immutable.</summary>
/// <param name="Slides">Each use starts the time anew.</param>
/// <param name="DeadlineMs">Cluster time at which it ends.</param>
/// <param name="Scopes">Only these keys count, and this access to them; empty for all.</param>
public sealed record Session(
    TokenDigest Digest, string User, SessionKind Kind, bool Slides, long TtlMs, long DeadlineMs, ImmutableArray<Permission> Scopes)
{
    /// <summary>Null when all keys count.</summary>
    public AccessRights? Scope { get; } = Scopes.IsEmpty ? null : AccessRights.Of(Scopes);
}

/// <summary>What a session is shown as; one is never taken for another.</summary>
public enum SessionKind : byte
{
    /// <summary>A token in a header.</summary>
    Login = 0,

    /// <summary>A browser's cookie.</summary>
    Browser = 1,

    /// <summary>Opens one stream, once.</summary>
    Ticket = 2,
}

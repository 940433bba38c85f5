using RestKv.Core.Model;

namespace RestKv.Core.Auth;

/// <summary>In whose name something is done, and how far that goes: a user's rights, and the narrower ones of a token.</summary>
/// <param name="User">Null while authentication is off, and for what members do themselves.</param>
/// <param name="Scope">Null when nothing narrows the rights.</param>
public readonly record struct Authority(AuthUser? User, AccessRights Rights, AccessRights? Scope)
{
    /// <summary>Of everybody while authentication is off.</summary>
    public static readonly Authority Unlimited = new(null, AccessRights.Root, null);

    /// <summary>A token's that has not all of its user's roles, whatever those allow now.</summary>
    public bool IsNarrowed { get; init; }

    /// <summary>May change users and roles. A token with scopes never may, for it could give itself more.</summary>
    public bool IsRoot => Rights.IsRoot && Scope is null;

    /// <summary>May run the cluster: members, compaction, backups.</summary>
    public bool IsAdmin => Rights.IsAdmin && (Scope is null || Scope.IsAdmin);

    public bool CanRead(in KeyRange range) =>
        IsRoot || ((Rights.IsRoot || Rights.Read.Contains(range)) && (Scope is null || Scope.Read.Contains(range)));

    public bool CanWrite(in KeyRange range) =>
        IsRoot || ((Rights.IsRoot || Rights.Write.Contains(range)) && (Scope is null || Scope.Write.Contains(range)));
}

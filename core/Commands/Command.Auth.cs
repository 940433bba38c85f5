using System.Collections.Immutable;
using RestKv.Core.Auth;
using RestKv.Core.Model;

namespace RestKv.Core.Commands;

/// <summary>Commands about who may do what. Passwords are hashed before they get here, tokens are digests.</summary>
public abstract partial record Command
{
    /// <summary>A change of the auth table.</summary>
    public abstract record AuthChange : Command;

    /// <summary>Lets rights count. Needs a user root that has the role root, so that somebody can turn it off again.</summary>
    public sealed record AuthEnable : AuthChange;

    /// <summary>Lets everybody do everything, and ends all sessions.</summary>
    public sealed record AuthDisable : AuthChange;

    /// <param name="Roles">Given with it; all of them must be there.</param>
    public sealed record UserAdd(
        string Name, ReadOnlyMemory<byte> PasswordHash, bool HasNoPassword, ImmutableArray<string> Roles) : AuthChange;

    public sealed record UserDelete(string Name) : AuthChange;

    /// <summary>Ends the user's sessions too. A user without a password stays without.</summary>
    public sealed record UserSetPassword(string Name, ReadOnlyMemory<byte> PasswordHash) : AuthChange;

    public sealed record UserGrantRole(string User, string Role) : AuthChange;

    public sealed record UserRevokeRole(string User, string Role) : AuthChange;

    /// <summary>These roles and no other.</summary>
    public sealed record UserSetRoles(string User, ImmutableArray<string> Roles) : AuthChange;

    public sealed record RoleAdd(string Name) : AuthChange;

    public sealed record RoleDelete(string Name) : AuthChange;

    public sealed record RoleGrantPermission(string Role, Permission Permission) : AuthChange;

    public sealed record RoleRevokePermission(string Role, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> RangeEnd) : AuthChange;

    /// <summary>Makes the role when it is not there; these permissions and no other.</summary>
    /// <param name="IsNew">Refused when the role is there.</param>
    public sealed record RoleSet(string Name, ImmutableArray<Permission> Permissions, bool IsNew = false) : AuthChange;

    /// <param name="Roles">Only these of the user's roles; empty for all.</param>
    /// <param name="Scopes">Only these keys; empty for all.</param>
    /// <param name="TtlMs">0 for no end.</param>
    public sealed record TokenAdd(
        string Name, string User, TokenDigest Digest, ImmutableArray<string> Roles, ImmutableArray<Permission> Scopes, long TtlMs)
        : AuthChange;

    public sealed record TokenRemove(long Id) : AuthChange;

    /// <summary>Somebody's password was right; made by the member that checked it.</summary>
    /// <param name="Epoch">Of the user whose password it was: refused when the user has another one by now.</param>
    public sealed record SessionOpen(
        string User, long Epoch, TokenDigest Digest, SessionKind Kind, bool Slides, long TtlMs, ImmutableArray<Permission> Scopes)
        : AuthChange;

    /// <summary>These were used: sliding sessions go on, tokens tell when they were used last. Many travel together.</summary>
    public sealed record AuthTouch(ImmutableArray<TokenDigest> Sessions, ImmutableArray<long> Tokens) : AuthChange;

    /// <summary>Ends a session; the answer says whether there was one, which lets a ticket in once.</summary>
    public sealed record SessionClose(TokenDigest Digest, SessionKind Kind) : AuthChange;

    /// <summary>Keep-alives of several authors in one entry; each is judged by itself.</summary>
    public sealed record LeaseRenewFor(ImmutableArray<RenewalPart> Parts) : Command;
}

/// <summary>One client's share in an entry of keep-alives.</summary>
public readonly record struct RenewalPart(string Author, Credential Credential, ImmutableArray<LeaseId> Ids);

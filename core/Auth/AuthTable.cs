using System.Collections.Immutable;
using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Core.Auth;

/// <summary>
/// Who may do what, as the log says: users, roles, tokens, sessions, and whether that counts at all. Immutable; every change
/// makes a new one, so any thread may judge by the one that was published last.
/// </summary>
public sealed record AuthTable
{
    public const int UsersMax = 100_000;
    public const int RolesMax = 100_000;
    public const int PermissionsMax = 10_000;
    public const int TokensMax = 100_000;
    public const int TokensPerUserMax = 1_000;

    public static readonly AuthTable Empty = new();

    public bool IsEnabled { get; init; }

    /// <summary>etcd's authRevision: one more with each change of users, roles and grants, and when authentication is turned off.</summary>
    public long Revision { get; init; } = 1;

    /// <summary>Nobody has ever changed anything.</summary>
    public bool IsUntouched => Revision == 1;

    public ImmutableSortedDictionary<string, AuthUser> Users { get; init; } =
        ImmutableSortedDictionary.Create<string, AuthUser>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, AuthRole> Roles { get; init; } =
        ImmutableSortedDictionary.Create<string, AuthRole>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<long, ApiToken> Tokens { get; init; } = ImmutableSortedDictionary<long, ApiToken>.Empty;

    public SessionTable Sessions { get; init; } = SessionTable.Empty;

    /// <summary>
    /// Logins that ended a while ago, by time or by a new password; each until its deadline. They are good for nothing, but that
    /// a client of etcd may keep its leases until it has logged in again.
    /// </summary>
    public SessionTable Ended { get; init; } = SessionTable.Empty;

    private ImmutableSortedDictionary<TokenDigest, long> TokenIds { get; init; } = ImmutableSortedDictionary<TokenDigest, long>.Empty;

    public AuthUser? FindUser(string name) => Users.GetValueOrDefault(name);

    public AuthRole? FindRole(string name) => Roles.GetValueOrDefault(name);

    public ApiToken? FindToken(TokenDigest digest) => TokenIds.TryGetValue(digest, out var id) ? Tokens[id] : null;

    /// <summary>Whether nobody may do more or less than in the other table; who has logged in is of no account.</summary>
    public bool HasSameRights(AuthTable other) =>
        IsEnabled == other.IsEnabled && ReferenceEquals(Users, other.Users) && ReferenceEquals(Tokens, other.Tokens);

    /// <summary>Whose login this was, if it ended a while ago; null when it was nobody's, or of somebody who is not there any more.</summary>
    public AuthUser? FindFormer(TokenDigest digest, long clusterTimeMs)
    {
        var user = Sessions.Find(digest) is { Kind: SessionKind.Login } session && session.DeadlineMs + SessionTable.RemembranceMs > clusterTimeMs
            ? session.User
            : Ended.Find(digest) is { } ended && ended.DeadlineMs > clusterTimeMs ? ended.User : null;
        return user is null ? null : FindUser(user);
    }

    /// <summary>What somebody may do at a cluster time, or why nothing.</summary>
    public RejectionCode Judge(string author, Credential credential, long clusterTimeMs, out Authority authority)
    {
        authority = Authority.Unlimited;
        if (!IsEnabled || credential.Kind == CredentialKind.Member)
        {
            return RejectionCode.None;
        }

        authority = default;
        if (author.Length == 0 || credential.Kind == CredentialKind.None)
        {
            return RejectionCode.AuthRequired;
        }

        if (FindUser(author) is not { } user)
        {
            return credential.Number == 0 ? RejectionCode.PermissionDenied : RejectionCode.InvalidAuthToken;
        }

        if (credential.Kind == CredentialKind.Token)
        {
            if (!Tokens.TryGetValue(credential.Number, out var token) || token.User != author || token.IsOver(clusterTimeMs))
            {
                return RejectionCode.InvalidAuthToken;
            }

            authority = new Authority(user, token.Rights, token.Scope) { IsNarrowed = token.Roles is not null };
            return RejectionCode.None;
        }

        authority = new Authority(user, user.Rights, null);
        return credential.Number == 0 || credential.Number == user.Epoch ? RejectionCode.None : RejectionCode.InvalidAuthToken;
    }

    internal AuthTable WithUser(AuthUser user) =>
        WithRightsOf(this with { Users = Users.SetItem(user.Name, user) }, Names.SetOf([user.Name]));

    internal AuthTable WithoutUser(string name)
    {
        var table = this with { Users = Users.Remove(name), Sessions = Sessions.WithoutUser(name), Ended = Ended.WithoutUser(name) };
        foreach (var token in Tokens.Values.Where(token => token.User == name))
        {
            table = table.WithoutToken(token);
        }

        return table;
    }

    /// <summary>Puts a role in, and works out the rights of those who have it.</summary>
    internal AuthTable WithRole(AuthRole role) =>
        WithRightsOf(
            this with { Roles = Roles.SetItem(role.Name, role) },
            Defects.Has(Defect.KeepRightsOfChangedRole) ? Names.SetOf([]) : HoldersOf(role.Name));

    /// <summary>Takes a role away, also from those who have it.</summary>
    internal AuthTable WithoutRole(string name)
    {
        var holders = HoldersOf(name);
        var users = Users;
        foreach (var holder in holders)
        {
            users = users.SetItem(holder, users[holder] with { Roles = users[holder].Roles.Remove(name) });
        }

        return WithRightsOf(this with { Roles = Roles.Remove(name), Users = users }, holders);
    }

    internal AuthTable WithToken(ApiToken token) => this with
    {
        Tokens = Tokens.SetItem(token.Id, token with { Rights = RightsOf(token, Users[token.User]) }),
        TokenIds = TokenIds.SetItem(token.Digest, token.Id),
    };

    internal AuthTable WithoutToken(ApiToken token) =>
        this with { Tokens = Tokens.Remove(token.Id), TokenIds = TokenIds.Remove(token.Digest) };

    /// <summary>Only its label: nothing of what it allows.</summary>
    internal AuthTable WithTokenUsed(ApiToken token, long wallTimeMs) =>
        this with { Tokens = Tokens.SetItem(token.Id, token with { LastUsedMs = wallTimeMs }) };

    private ImmutableSortedSet<string> HoldersOf(string role) =>
        Names.SetOf(Users.Values.Where(user => user.Roles.Contains(role)).Select(user => user.Name));

    private static AuthTable WithRightsOf(AuthTable table, ImmutableSortedSet<string> names)
    {
        var (users, tokens) = (table.Users, table.Tokens);
        foreach (var name in names)
        {
            users = users.SetItem(name, users[name] with { Rights = table.RightsOf(users[name].Roles) });
        }

        foreach (var token in table.Tokens.Values.Where(token => names.Contains(token.User)))
        {
            tokens = tokens.SetItem(token.Id, token with { Rights = table.RightsOf(token, users[token.User]) });
        }

        return table with { Users = users, Tokens = tokens };
    }

    private AccessRights RightsOf(ApiToken token, AuthUser user) =>
        token.Roles is null ? user.Rights : RightsOf(user.Roles.Intersect(token.Roles));

    private AccessRights RightsOf(ImmutableSortedSet<string> roles) =>
        roles.Contains(AuthRole.RootName)
            ? AccessRights.Root
            : AccessRights.Of([.. roles.SelectMany(role => FindRole(role)?.Permissions ?? [])]);
}

using System.Collections.Immutable;
using RestKv.Core.Commands;

namespace RestKv.Core.Auth;

/// <summary>
/// Applies changes of the auth table, the same on every member. Whether the author may make them was judged before
/// (<see cref="CommandAccess"/>). The order in which faults are found is etcd's, since clients match its texts.
/// </summary>
internal static partial class AuthChanges
{
    /// <param name="moment">Of the entry that holds the change.</param>
    public static OperationResult Apply(Command.AuthChange change, in AuthMoment moment, ref AuthTable table)
    {
        var code = Change(change, moment, ref table, out var number);
        return code == RejectionCode.None
            ? new OperationResult.AuthChanged(moment.Revision, table.Revision, number)
            : new OperationResult.Rejected(moment.Revision, new Rejection(code));
    }

    private static RejectionCode Change(Command.AuthChange change, in AuthMoment moment, ref AuthTable table, out long number)
    {
        number = 0;
        switch (change)
        {
            case Command.AuthEnable:
                return Enable(ref table);
            case Command.AuthDisable:
                // Nobody's session outlives it: who turns authentication on again need not fear old ones.
                table = table.IsEnabled
                    ? Counted(table with { IsEnabled = false, Sessions = SessionTable.Empty, Ended = SessionTable.Empty })
                    : table;
                return RejectionCode.None;
            case Command.TokenAdd add:
                return AddToken(add, moment, ref table, out number);
            case Command.TokenRemove remove:
                return RemoveToken(remove, ref table);
            case Command.SessionOpen open:
                number = moment.Index;
                return OpenSession(open, moment, ref table);
            case Command.AuthTouch touch:
                Touch(touch, moment, ref table);
                return RejectionCode.None;
            case Command.SessionClose close:
                number = CloseSession(close, moment, ref table);
                return RejectionCode.None;
            case Command.RoleAdd or Command.RoleDelete or Command.RoleGrantPermission or Command.RoleRevokePermission or Command.RoleSet:
                return ChangeRole(change, ref table);
            default:
                return ChangeUser(change, moment, ref table);
        }
    }

    private static RejectionCode Enable(ref AuthTable table)
    {
        if (table.IsEnabled)
        {
            return RejectionCode.None;
        }

        if (table.FindUser(AuthUser.RootName) is not { } root)
        {
            return RejectionCode.RootUserMissing;
        }

        if (!root.Roles.Contains(AuthRole.RootName))
        {
            return RejectionCode.RootRoleMissing;
        }

        table = table with { IsEnabled = true };
        return RejectionCode.None;
    }

    private static RejectionCode AddToken(Command.TokenAdd add, in AuthMoment moment, ref AuthTable table, out long number)
    {
        number = 0;
        if (table.FindUser(add.User) is null)
        {
            return RejectionCode.UserNotFound;
        }

        foreach (var role in add.Roles)
        {
            if (!IsRole(table, role))
            {
                return RejectionCode.RoleNotFound;
            }
        }

        if (!add.Scopes.All(scope => scope.IsValid))
        {
            return RejectionCode.InvalidAuthManagement;
        }

        if (table.Tokens.Count >= AuthTable.TokensMax
            || table.Tokens.Values.Count(token => token.User == add.User) >= AuthTable.TokensPerUserMax)
        {
            return RejectionCode.AuthLimit;
        }

        // The digest of a secret that was drawn twice would let one in as the other.
        if (table.FindToken(add.Digest) is not null)
        {
            return RejectionCode.InvalidAuthManagement;
        }

        number = moment.Index;
        table = table.WithToken(new ApiToken(
            number, add.Name, add.User, add.Digest, add.Roles.IsEmpty ? null : Names.SetOf(add.Roles), Detached(add.Scopes),
            moment.WallTimeMs, add.TtlMs == 0 ? 0 : moment.ClusterTimeMs + add.TtlMs));
        return RejectionCode.None;
    }

    private static RejectionCode RemoveToken(Command.TokenRemove remove, ref AuthTable table)
    {
        if (!table.Tokens.TryGetValue(remove.Id, out var token))
        {
            return RejectionCode.TokenNotFound;
        }

        table = table.WithoutToken(token);
        return RejectionCode.None;
    }

    private static RejectionCode OpenSession(Command.SessionOpen open, in AuthMoment moment, ref AuthTable table)
    {
        if (!table.IsEnabled)
        {
            return RejectionCode.AuthNotEnabled;
        }

        // The password that was checked is not the user's any more.
        if (table.FindUser(open.User) is not { } user || user.Epoch != open.Epoch)
        {
            return RejectionCode.AuthenticationFailed;
        }

        var session = new Session(
            open.Digest, open.User, open.Kind, open.Slides, open.TtlMs, moment.ClusterTimeMs + open.TtlMs, Detached(open.Scopes));
        var ended = table.Ended.Remembering(table.Sessions.Over(moment.ClusterTimeMs), moment.ClusterTimeMs);
        table = table with { Sessions = table.Sessions.With(session, moment.ClusterTimeMs), Ended = ended };
        return RejectionCode.None;
    }

    private static void Touch(Command.AuthTouch touch, in AuthMoment moment, ref AuthTable table)
    {
        var sessions = table.Sessions;
        foreach (var digest in touch.Sessions)
        {
            sessions = sessions.Touched(digest, moment.ClusterTimeMs);
        }

        table = table with { Sessions = sessions };
        foreach (var id in touch.Tokens)
        {
            if (table.Tokens.TryGetValue(id, out var token) && !token.IsOver(moment.ClusterTimeMs))
            {
                table = table.WithTokenUsed(token, moment.WallTimeMs);
            }
        }
    }

    /// <summary>1 when there was such a session and it had not ended.</summary>
    private static long CloseSession(Command.SessionClose close, in AuthMoment moment, ref AuthTable table)
    {
        if (table.Sessions.Find(close.Digest) is not { } session || session.Kind != close.Kind)
        {
            return 0;
        }

        table = table with { Sessions = table.Sessions.Without(session) };
        return session.DeadlineMs > moment.ClusterTimeMs ? 1 : 0;
    }

    private static AuthTable Counted(AuthTable table) => table with { Revision = table.Revision + 1 };

    /// <summary>The role root means something whether or not it was made.</summary>
    private static bool IsRole(AuthTable table, string name) => name == AuthRole.RootName || table.FindRole(name) is not null;

    private static ImmutableArray<Permission> Detached(ImmutableArray<Permission> permissions) =>
        [.. permissions.Select(permission => permission.Detach())];
}

/// <summary>Where in the log a change stands, and when that was.</summary>
/// <param name="Revision">The store's; auth changes never change it.</param>
internal readonly record struct AuthMoment(long Index, long Revision, long ClusterTimeMs, long WallTimeMs);

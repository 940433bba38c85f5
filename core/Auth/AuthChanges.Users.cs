using RestKv.Core.Commands;

namespace RestKv.Core.Auth;

/// <summary>Users and roles.</summary>
internal static partial class AuthChanges
{
    private static RejectionCode ChangeUser(Command.AuthChange change, in AuthMoment moment, ref AuthTable table)
    {
        switch (change)
        {
            case Command.UserAdd add:
                return AddUser(add, moment, ref table);
            case Command.UserDelete { Name: AuthUser.RootName } when table.IsEnabled:
                return RejectionCode.InvalidAuthManagement;
            case Command.UserDelete delete:
                if (table.FindUser(delete.Name) is null)
                {
                    return RejectionCode.UserNotFound;
                }

                table = Counted(table.WithoutUser(delete.Name));
                return RejectionCode.None;
            case Command.UserSetPassword set:
                return SetPassword(set, moment, ref table);
            case Command.UserGrantRole grant:
                return Grant(grant, ref table);
            case Command.UserRevokeRole { User: AuthUser.RootName, Role: AuthRole.RootName } when table.IsEnabled:
                return RejectionCode.InvalidAuthManagement;
            case Command.UserRevokeRole revoke:
                return Revoke(revoke, ref table);
            case Command.UserSetRoles set:
                return SetRoles(set, ref table);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static RejectionCode AddUser(Command.UserAdd add, in AuthMoment moment, ref AuthTable table)
    {
        if (add.Name.Length == 0)
        {
            return RejectionCode.UserNameEmpty;
        }

        if (table.FindUser(add.Name) is not null)
        {
            return RejectionCode.UserExists;
        }

        foreach (var role in add.Roles)
        {
            if (!IsRole(table, role))
            {
                return RejectionCode.RoleNotFound;
            }
        }

        if (table.Users.Count >= AuthTable.UsersMax)
        {
            return RejectionCode.AuthLimit;
        }

        table = Counted(table.WithUser(new AuthUser(
            add.Name, add.HasNoPassword ? default : add.PasswordHash.ToArray(), add.HasNoPassword, Names.SetOf(add.Roles),
            moment.Index)));
        return RejectionCode.None;
    }

    private static RejectionCode SetPassword(Command.UserSetPassword set, in AuthMoment moment, ref AuthTable table)
    {
        if (table.FindUser(set.Name) is not { } user)
        {
            return RejectionCode.UserNotFound;
        }

        var changed = user with { Epoch = moment.Index, PasswordHash = user.HasNoPassword ? default : set.PasswordHash.ToArray() };
        var ended = table.Ended.Remembering(table.Sessions.Of(set.Name), moment.ClusterTimeMs);
        table = Counted(table.WithUser(changed) with { Sessions = table.Sessions.WithoutUser(set.Name), Ended = ended });
        return RejectionCode.None;
    }

    private static RejectionCode Grant(Command.UserGrantRole grant, ref AuthTable table)
    {
        if (table.FindUser(grant.User) is not { } user)
        {
            return RejectionCode.UserNotFound;
        }

        if (!IsRole(table, grant.Role))
        {
            return RejectionCode.RoleNotFound;
        }

        // What was granted before is no change.
        table = user.Roles.Contains(grant.Role)
            ? table
            : Counted(table.WithUser(user with { Roles = user.Roles.Add(grant.Role) }));
        return RejectionCode.None;
    }

    private static RejectionCode Revoke(Command.UserRevokeRole revoke, ref AuthTable table)
    {
        if (table.FindUser(revoke.User) is not { } user)
        {
            return RejectionCode.UserNotFound;
        }

        if (!user.Roles.Contains(revoke.Role))
        {
            return RejectionCode.RoleNotGranted;
        }

        table = Counted(table.WithUser(user with { Roles = user.Roles.Remove(revoke.Role) }));
        return RejectionCode.None;
    }

    private static RejectionCode SetRoles(Command.UserSetRoles set, ref AuthTable table)
    {
        if (table.FindUser(set.User) is not { } user)
        {
            return RejectionCode.UserNotFound;
        }

        foreach (var role in set.Roles)
        {
            if (!IsRole(table, role))
            {
                return RejectionCode.RoleNotFound;
            }
        }

        if (table.IsEnabled && set.User == AuthUser.RootName && !set.Roles.Contains(AuthRole.RootName))
        {
            return RejectionCode.InvalidAuthManagement;
        }

        table = Counted(table.WithUser(user with { Roles = Names.SetOf(set.Roles) }));
        return RejectionCode.None;
    }

    private static RejectionCode ChangeRole(Command.AuthChange change, ref AuthTable table)
    {
        switch (change)
        {
            case Command.RoleAdd { Name.Length: 0 } or Command.RoleSet { Name.Length: 0 }:
                return RejectionCode.RoleNameEmpty;
            case Command.RoleSet { IsNew: true } set when table.FindRole(set.Name) is not null:
            case Command.RoleAdd add when table.FindRole(add.Name) is not null:
                return RejectionCode.RoleExists;
            case Command.RoleAdd add:
                return PutRole(new AuthRole(add.Name, []), ref table);
            case Command.RoleDelete { Name: AuthRole.RootName } when table.IsEnabled:
                return RejectionCode.InvalidAuthManagement;
            case Command.RoleDelete delete when table.FindRole(delete.Name) is null:
                return RejectionCode.RoleNotFound;
            case Command.RoleDelete delete:
                table = Counted(table.WithoutRole(delete.Name));
                return RejectionCode.None;
            case Command.RoleGrantPermission { Permission.Access: Access.None }:
                return RejectionCode.PermissionNotGiven;
            case Command.RoleGrantPermission { Permission.IsValid: false }:
                return RejectionCode.InvalidAuthManagement;
            case Command.RoleGrantPermission grant:
                return table.FindRole(grant.Role) is { } role
                    ? PutRole(role.With(grant.Permission.Detach()), ref table)
                    : RejectionCode.RoleNotFound;
            case Command.RoleRevokePermission revoke:
                return RevokePermission(revoke, ref table);
            case Command.RoleSet set:
                return SetRole(set, ref table);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static RejectionCode RevokePermission(Command.RoleRevokePermission revoke, ref AuthTable table)
    {
        if (table.FindRole(revoke.Role) is not { } role)
        {
            return RejectionCode.RoleNotFound;
        }

        return role.Without(revoke.Key.Span, revoke.RangeEnd.Span) is { } without
            ? PutRole(without, ref table)
            : RejectionCode.PermissionNotGranted;
    }

    private static RejectionCode SetRole(Command.RoleSet set, ref AuthTable table)
    {
        if (!set.Permissions.All(permission => permission.IsValid))
        {
            return RejectionCode.InvalidAuthManagement;
        }

        var role = new AuthRole(set.Name, []);
        foreach (var permission in set.Permissions)
        {
            role = role.With(permission.Detach());
        }

        return PutRole(role, ref table);
    }

    private static RejectionCode PutRole(AuthRole role, ref AuthTable table)
    {
        if (role.Permissions.Length > AuthTable.PermissionsMax
            || (table.Roles.Count >= AuthTable.RolesMax && table.FindRole(role.Name) is null))
        {
            return RejectionCode.AuthLimit;
        }

        table = Counted(table.WithRole(role));
        return RejectionCode.None;
    }
}

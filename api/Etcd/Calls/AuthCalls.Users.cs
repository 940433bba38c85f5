using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using EtcdPermission = RestKv.Api.Etcd.Messages.Permission;
using Permission = RestKv.Core.Auth.Permission;

namespace RestKv.Api.Etcd.Calls;

/// <summary>Users and roles.</summary>
internal sealed partial class AuthCalls
{
    public async ValueTask<AuthUserAddResponse> UserAddAsync(AuthUserAddRequest request, EtcdCall call)
    {
        // etcd takes any password, an empty one too.
        var hasNoPassword = request.Options?.NoPassword == true;
        var hash = hasNoPassword ? [] : await HashAsync(request.Password, call);
        return new() { Header = await ChangeAsync(new Command.UserAdd(request.Name, hash, hasNoPassword, []), call) };
    }

    public async ValueTask<AuthUserGetResponse> UserGetAsync(AuthUserGetRequest request, EtcdCall call)
    {
        var (table, header) = await LookAsync(call, EtcdNeed.Identity);
        var authority = etcd.Authority.Judge(await etcd.Authority.IdentifyAsync(call));
        if (!authority.IsRoot && authority.User?.Name != request.Name)
        {
            throw EtcdFaults.PermissionDenied();
        }

        var user = table.FindUser(request.Name) ?? throw EtcdFaults.UserNotFound();
        return new AuthUserGetResponse { Header = header, Roles = { user.Roles } };
    }

    public async ValueTask<AuthUserListResponse> UserListAsync(AuthUserListRequest request, EtcdCall call)
    {
        var (table, header) = await LookAsync(call, EtcdNeed.Root);
        return new AuthUserListResponse { Header = header, Users = { table.Users.Keys } };
    }

    public async ValueTask<AuthUserDeleteResponse> UserDeleteAsync(AuthUserDeleteRequest request, EtcdCall call) =>
        new() { Header = await ChangeAsync(new Command.UserDelete(request.Name), call) };

    public async ValueTask<AuthUserChangePasswordResponse> UserChangePasswordAsync(
        AuthUserChangePasswordRequest request, EtcdCall call)
    {
        var hash = await HashAsync(request.Password, call);
        return new() { Header = await ChangeAsync(new Command.UserSetPassword(request.Name, hash), call) };
    }

    public async ValueTask<AuthUserGrantRoleResponse> UserGrantRoleAsync(AuthUserGrantRoleRequest request, EtcdCall call) =>
        new() { Header = await ChangeAsync(new Command.UserGrantRole(request.User, request.Role), call) };

    public async ValueTask<AuthUserRevokeRoleResponse> UserRevokeRoleAsync(AuthUserRevokeRoleRequest request, EtcdCall call) =>
        new() { Header = await ChangeAsync(new Command.UserRevokeRole(request.Name, request.Role), call) };

    public async ValueTask<AuthRoleAddResponse> RoleAddAsync(AuthRoleAddRequest request, EtcdCall call) =>
        new() { Header = await ChangeAsync(new Command.RoleAdd(request.Name), call) };

    public async ValueTask<AuthRoleGetResponse> RoleGetAsync(AuthRoleGetRequest request, EtcdCall call)
    {
        var (table, header) = await LookAsync(call, EtcdNeed.Identity);
        var authority = etcd.Authority.Judge(await etcd.Authority.IdentifyAsync(call));
        if (!authority.IsRoot && authority.User?.Roles.Contains(request.Role) != true)
        {
            throw EtcdFaults.PermissionDenied();
        }

        var role = table.FindRole(request.Role) ?? throw EtcdFaults.RoleNotFound();
        return new AuthRoleGetResponse { Header = header, Perm = { role.Permissions.Select(ToEtcd) } };
    }

    public async ValueTask<AuthRoleListResponse> RoleListAsync(AuthRoleListRequest request, EtcdCall call)
    {
        var (table, header) = await LookAsync(call, EtcdNeed.Root);
        return new AuthRoleListResponse { Header = header, Roles = { table.Roles.Keys } };
    }

    public async ValueTask<AuthRoleDeleteResponse> RoleDeleteAsync(AuthRoleDeleteRequest request, EtcdCall call) =>
        new() { Header = await ChangeAsync(new Command.RoleDelete(request.Role), call) };

    public async ValueTask<AuthRoleGrantPermissionResponse> RoleGrantPermissionAsync(
        AuthRoleGrantPermissionRequest request, EtcdCall call)
    {
        // Without one, none: the state machine refuses it after it has asked who wants it.
        var permission = request.Perm is { } given
            ? new Permission(given.Key.Memory, given.RangeEnd.Memory, AccessOf(given.PermType))
            : default;
        return new() { Header = await ChangeAsync(new Command.RoleGrantPermission(request.Name, permission), call) };
    }

    public async ValueTask<AuthRoleRevokePermissionResponse> RoleRevokePermissionAsync(
        AuthRoleRevokePermissionRequest request, EtcdCall call)
    {
        var revoke = new Command.RoleRevokePermission(request.Role, request.Key.Memory, request.RangeEnd.Memory);
        return new() { Header = await ChangeAsync(revoke, call) };
    }

    private static Access AccessOf(EtcdPermission.Types.Type type) => type switch
    {
        EtcdPermission.Types.Type.Read => Access.Read,
        EtcdPermission.Types.Type.Write => Access.Write,
        EtcdPermission.Types.Type.Readwrite => Access.ReadWrite,
        _ => throw new EtcdFault(GrpcCode.InvalidArgument, "etcdserver: permission not given"),
    };

    /// <summary>etcd knows no admins: they are shown with what they may do to keys.</summary>
    private static EtcdPermission ToEtcd(Permission permission) => new()
    {
        PermType = permission.Access switch
        {
            Access.Read => EtcdPermission.Types.Type.Read,
            Access.Write => EtcdPermission.Types.Type.Write,
            _ => EtcdPermission.Types.Type.Readwrite,
        },
        Key = UnsafeByteOperations.UnsafeWrap(permission.Key),
        RangeEnd = UnsafeByteOperations.UnsafeWrap(permission.RangeEnd),
    };
}

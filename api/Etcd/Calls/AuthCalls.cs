using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service Auth.</summary>
internal sealed class AuthCalls(EtcdNode etcd)
{
    public ValueTask<AuthEnableResponse> EnableAsync(AuthEnableRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthEnableResponse>("AuthEnable", call);

    public ValueTask<AuthDisableResponse> DisableAsync(AuthDisableRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthDisableResponse>("AuthDisable", call);

    public async ValueTask<AuthStatusResponse> StatusAsync(AuthStatusRequest request, EtcdCall call)
    {
        var view = await etcd.ReadAsync(call, isSerializable: false);
        return new AuthStatusResponse { Header = etcd.Header(view.Revision), AuthRevision = 1 };
    }

    public async ValueTask<AuthenticateResponse> AuthenticateAsync(AuthenticateRequest request, EtcdCall call)
    {
        await etcd.ReadAsync(call, isSerializable: false);
        throw EtcdFaults.AuthNotEnabled();
    }

    public ValueTask<AuthUserAddResponse> UserAddAsync(AuthUserAddRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthUserAddResponse>("UserAdd", call);

    public ValueTask<AuthUserGetResponse> UserGetAsync(AuthUserGetRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthUserGetResponse>("UserGet", call);

    public ValueTask<AuthUserListResponse> UserListAsync(AuthUserListRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthUserListResponse>("UserList", call);

    public ValueTask<AuthUserDeleteResponse> UserDeleteAsync(AuthUserDeleteRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthUserDeleteResponse>("UserDelete", call);

    public ValueTask<AuthUserChangePasswordResponse> UserChangePasswordAsync(AuthUserChangePasswordRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthUserChangePasswordResponse>("UserChangePassword", call);

    public ValueTask<AuthUserGrantRoleResponse> UserGrantRoleAsync(AuthUserGrantRoleRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthUserGrantRoleResponse>("UserGrantRole", call);

    public ValueTask<AuthUserRevokeRoleResponse> UserRevokeRoleAsync(AuthUserRevokeRoleRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthUserRevokeRoleResponse>("UserRevokeRole", call);

    public ValueTask<AuthRoleAddResponse> RoleAddAsync(AuthRoleAddRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthRoleAddResponse>("RoleAdd", call);

    public ValueTask<AuthRoleGetResponse> RoleGetAsync(AuthRoleGetRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthRoleGetResponse>("RoleGet", call);

    public ValueTask<AuthRoleListResponse> RoleListAsync(AuthRoleListRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthRoleListResponse>("RoleList", call);

    public ValueTask<AuthRoleDeleteResponse> RoleDeleteAsync(AuthRoleDeleteRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthRoleDeleteResponse>("RoleDelete", call);

    public ValueTask<AuthRoleGrantPermissionResponse> RoleGrantPermissionAsync(AuthRoleGrantPermissionRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthRoleGrantPermissionResponse>("RoleGrantPermission", call);

    public ValueTask<AuthRoleRevokePermissionResponse> RoleRevokePermissionAsync(AuthRoleRevokePermissionRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AuthRoleRevokePermissionResponse>("RoleRevokePermission", call);
}

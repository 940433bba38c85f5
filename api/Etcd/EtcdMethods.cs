using System.Collections.Frozen;
using Google.Protobuf;
using RestKv.Api.Etcd.Calls;
using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd;

/// <summary>The table of all calls. The JSON gateway and gRPC are two encodings of it.</summary>
internal sealed class EtcdMethods
{
    private const string Kv = "etcdserverpb.KV";
    private const string Watch = "etcdserverpb.Watch";
    private const string Lease = "etcdserverpb.Lease";
    private const string Cluster = "etcdserverpb.Cluster";
    private const string Maintenance = "etcdserverpb.Maintenance";
    private const string Auth = "etcdserverpb.Auth";
    private const string Lock = "v3lockpb.Lock";
    private const string Election = "v3electionpb.Election";
    private const string Health = "grpc.health.v1.Health";

    /// <summary>All services, by which gRPC's health is asked for.</summary>
    public static readonly IReadOnlyList<string> Services =
        [Kv, Watch, Lease, Cluster, Maintenance, Auth, Lock, Election, Health];

    private readonly FrozenDictionary<string, EtcdMethod> _byGrpcPath;

    private readonly EtcdNode _etcd;

    public EtcdMethods(
        EtcdNode etcd,
        KvCalls kv,
        LeaseCalls lease,
        KeepAliveCalls keepAlive,
        WatchCalls watch,
        ClusterCalls cluster,
        MaintenanceCalls maintenance,
        SnapshotCalls snapshot,
        AuthCalls auth,
        LockCalls locks,
        ElectionCalls election,
        HealthCalls health)
    {
        _etcd = etcd;
        All =
        [
            .. KvMethods(kv),
            .. LeaseMethods(lease, keepAlive),
            Stream<WatchRequest>(Watch, "Watch", watch.WatchAsync, true, "/v3/watch"),
            .. ClusterMethods(cluster),
            .. MaintenanceMethods(maintenance, snapshot),
            .. AuthMethods(auth),
            .. UserMethods(auth),
            .. RoleMethods(auth),
            .. LockMethods(locks, election),
            Unary<HealthCheckRequest, HealthCheckResponse>(Health, "Check", health.CheckAsync),
            Stream<HealthCheckRequest>(Health, "Watch", health.WatchAsync, false),
        ];
        _byGrpcPath = All.ToFrozenDictionary(method => method.GrpcPath);
    }

    public IReadOnlyList<EtcdMethod> All { get; }

    /// <summary>The call at a path like `/etcdserverpb.KV/Range`.</summary>
    public EtcdMethod? FindByGrpcPath(string path) => _byGrpcPath.GetValueOrDefault(path);

    private IEnumerable<EtcdMethod> KvMethods(KvCalls calls) =>
    [
        Unary<RangeRequest, RangeResponse>(Kv, "Range", calls.RangeAsync, "/v3/kv/range"),
        Unary<PutRequest, PutResponse>(Kv, "Put", calls.PutAsync, "/v3/kv/put"),
        Unary<DeleteRangeRequest, DeleteRangeResponse>(Kv, "DeleteRange", calls.DeleteRangeAsync, "/v3/kv/deleterange"),
        Unary<TxnRequest, TxnResponse>(Kv, "Txn", calls.TxnAsync, "/v3/kv/txn"),
        Unary<CompactionRequest, CompactionResponse>(Kv, "Compact", calls.CompactAsync, "/v3/kv/compaction"),
    ];

    private IEnumerable<EtcdMethod> LeaseMethods(LeaseCalls calls, KeepAliveCalls keepAlive) =>
    [
        Unary<LeaseGrantRequest, LeaseGrantResponse>(Lease, "LeaseGrant", calls.GrantAsync, "/v3/lease/grant"),
        Unary<LeaseRevokeRequest, LeaseRevokeResponse>(
            Lease, "LeaseRevoke", calls.RevokeAsync, "/v3/lease/revoke", "/v3/kv/lease/revoke"),
        Stream<LeaseKeepAliveRequest>(Lease, "LeaseKeepAlive", keepAlive.KeepAliveAsync, true, "/v3/lease/keepalive"),
        Unary<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse>(
            Lease, "LeaseTimeToLive", calls.TimeToLiveAsync, "/v3/lease/timetolive", "/v3/kv/lease/timetolive"),
        Unary<LeaseLeasesRequest, LeaseLeasesResponse>(
            Lease, "LeaseLeases", calls.LeasesAsync, "/v3/lease/leases", "/v3/kv/lease/leases"),
    ];

    private IEnumerable<EtcdMethod> ClusterMethods(ClusterCalls calls) =>
    [
        Unary<MemberAddRequest, MemberAddResponse>(Cluster, "MemberAdd", calls.AddAsync, "/v3/cluster/member/add"),
        Unary<MemberRemoveRequest, MemberRemoveResponse>(Cluster, "MemberRemove", calls.RemoveAsync, "/v3/cluster/member/remove"),
        Unary<MemberUpdateRequest, MemberUpdateResponse>(Cluster, "MemberUpdate", calls.UpdateAsync, "/v3/cluster/member/update"),
        Unary<MemberListRequest, MemberListResponse>(Cluster, "MemberList", calls.ListAsync, "/v3/cluster/member/list"),
        Unary<MemberPromoteRequest, MemberPromoteResponse>(
            Cluster, "MemberPromote", calls.PromoteAsync, "/v3/cluster/member/promote"),
    ];

    private IEnumerable<EtcdMethod> MaintenanceMethods(MaintenanceCalls calls, SnapshotCalls snapshot) =>
    [
        Unary<AlarmRequest, AlarmResponse>(Maintenance, "Alarm", calls.AlarmAsync, "/v3/maintenance/alarm"),
        Unary<StatusRequest, StatusResponse>(Maintenance, "Status", calls.StatusAsync, "/v3/maintenance/status"),
        Unary<DefragmentRequest, DefragmentResponse>(
            Maintenance, "Defragment", calls.DefragmentAsync, "/v3/maintenance/defragment"),
        Unary<HashRequest, HashResponse>(Maintenance, "Hash", calls.HashAsync, "/v3/maintenance/hash"),
        Unary<HashKVRequest, HashKVResponse>(Maintenance, "HashKV", calls.HashKvAsync, "/v3/maintenance/hashkv"),
        Stream<SnapshotRequest>(Maintenance, "Snapshot", snapshot.SnapshotAsync, false, "/v3/maintenance/snapshot"),
        Unary<MoveLeaderRequest, MoveLeaderResponse>(
            Maintenance, "MoveLeader", calls.MoveLeaderAsync, "/v3/maintenance/transfer-leadership"),
        Unary<DowngradeRequest, DowngradeResponse>(Maintenance, "Downgrade", calls.DowngradeAsync, "/v3/maintenance/downgrade"),
    ];

    private IEnumerable<EtcdMethod> AuthMethods(AuthCalls calls) =>
    [
        Unary<AuthEnableRequest, AuthEnableResponse>(Auth, "AuthEnable", calls.EnableAsync, "/v3/auth/enable"),
        Unary<AuthDisableRequest, AuthDisableResponse>(Auth, "AuthDisable", calls.DisableAsync, "/v3/auth/disable"),
        Unary<AuthStatusRequest, AuthStatusResponse>(Auth, "AuthStatus", calls.StatusAsync, "/v3/auth/status"),
        Unary<AuthenticateRequest, AuthenticateResponse>(Auth, "Authenticate", calls.AuthenticateAsync, "/v3/auth/authenticate"),
    ];

    private IEnumerable<EtcdMethod> UserMethods(AuthCalls calls) =>
    [
        Unary<AuthUserAddRequest, AuthUserAddResponse>(Auth, "UserAdd", calls.UserAddAsync, "/v3/auth/user/add"),
        Unary<AuthUserGetRequest, AuthUserGetResponse>(Auth, "UserGet", calls.UserGetAsync, "/v3/auth/user/get"),
        Unary<AuthUserListRequest, AuthUserListResponse>(Auth, "UserList", calls.UserListAsync, "/v3/auth/user/list"),
        Unary<AuthUserDeleteRequest, AuthUserDeleteResponse>(Auth, "UserDelete", calls.UserDeleteAsync, "/v3/auth/user/delete"),
        Unary<AuthUserChangePasswordRequest, AuthUserChangePasswordResponse>(
            Auth, "UserChangePassword", calls.UserChangePasswordAsync, "/v3/auth/user/changepw"),
        Unary<AuthUserGrantRoleRequest, AuthUserGrantRoleResponse>(
            Auth, "UserGrantRole", calls.UserGrantRoleAsync, "/v3/auth/user/grant"),
        Unary<AuthUserRevokeRoleRequest, AuthUserRevokeRoleResponse>(
            Auth, "UserRevokeRole", calls.UserRevokeRoleAsync, "/v3/auth/user/revoke"),
    ];

    private IEnumerable<EtcdMethod> RoleMethods(AuthCalls calls) =>
    [
        Unary<AuthRoleAddRequest, AuthRoleAddResponse>(Auth, "RoleAdd", calls.RoleAddAsync, "/v3/auth/role/add"),
        Unary<AuthRoleGetRequest, AuthRoleGetResponse>(Auth, "RoleGet", calls.RoleGetAsync, "/v3/auth/role/get"),
        Unary<AuthRoleListRequest, AuthRoleListResponse>(Auth, "RoleList", calls.RoleListAsync, "/v3/auth/role/list"),
        Unary<AuthRoleDeleteRequest, AuthRoleDeleteResponse>(Auth, "RoleDelete", calls.RoleDeleteAsync, "/v3/auth/role/delete"),
        Unary<AuthRoleGrantPermissionRequest, AuthRoleGrantPermissionResponse>(
            Auth, "RoleGrantPermission", calls.RoleGrantPermissionAsync, "/v3/auth/role/grant"),
        Unary<AuthRoleRevokePermissionRequest, AuthRoleRevokePermissionResponse>(
            Auth, "RoleRevokePermission", calls.RoleRevokePermissionAsync, "/v3/auth/role/revoke"),
    ];

    private IEnumerable<EtcdMethod> LockMethods(LockCalls calls, ElectionCalls election) =>
    [
        Unary<LockRequest, LockResponse>(Lock, "Lock", calls.LockAsync, "/v3/lock/lock"),
        Unary<UnlockRequest, UnlockResponse>(Lock, "Unlock", calls.UnlockAsync, "/v3/lock/unlock"),
        Unary<CampaignRequest, CampaignResponse>(Election, "Campaign", election.CampaignAsync, "/v3/election/campaign"),
        Unary<ProclaimRequest, ProclaimResponse>(Election, "Proclaim", election.ProclaimAsync, "/v3/election/proclaim"),
        Unary<LeaderRequest, LeaderResponse>(Election, "Leader", election.LeaderAsync, "/v3/election/leader"),
        Stream<LeaderRequest>(Election, "Observe", election.ObserveAsync, false, "/v3/election/observe"),
        Unary<ResignRequest, ResignResponse>(Election, "Resign", election.ResignAsync, "/v3/election/resign"),
    ];

    private UnaryMethod Unary<TRequest, TReply>(
        string service, string name, Func<TRequest, EtcdCall, ValueTask<TReply>> invoke, params string[] paths)
        where TRequest : class, IMessage<TRequest>, new()
        where TReply : class, IMessage =>
        new(service, name, paths, ParserOf<TRequest>.Instance, async (request, call) =>
        {
            _etcd.CheckLeader(call);
            return await invoke((TRequest)request, call);
        });

    private StreamMethod Stream<TRequest>(
        string service, string name, Func<IEtcdRequests, IEtcdReplies, EtcdCall, Task> invoke, bool takesMany, params string[] paths)
        where TRequest : class, IMessage<TRequest>, new() =>
        new(service, name, paths, ParserOf<TRequest>.Instance, takesMany, (requests, replies, call) =>
        {
            _etcd.CheckLeader(call);
            return invoke(requests, replies, call);
        });

    private static class ParserOf<T>
        where T : class, IMessage<T>, new()
    {
        public static readonly MessageParser<T> Instance = new(() => new T());
    }
}

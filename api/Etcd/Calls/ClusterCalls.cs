using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service Cluster.</summary>
internal sealed class ClusterCalls(EtcdNode etcd)
{
    public ValueTask<MemberAddResponse> AddAsync(MemberAddRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<MemberAddResponse>("MemberAdd", call);

    public ValueTask<MemberRemoveResponse> RemoveAsync(MemberRemoveRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<MemberRemoveResponse>("MemberRemove", call);

    public ValueTask<MemberUpdateResponse> UpdateAsync(MemberUpdateRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<MemberUpdateResponse>("MemberUpdate", call);

    public ValueTask<MemberListResponse> ListAsync(MemberListRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<MemberListResponse>("MemberList", call);

    public ValueTask<MemberPromoteResponse> PromoteAsync(MemberPromoteRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<MemberPromoteResponse>("MemberPromote", call);
}

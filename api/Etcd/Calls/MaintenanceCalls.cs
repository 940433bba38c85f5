using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service Maintenance, but for its stream.</summary>
internal sealed class MaintenanceCalls(EtcdNode etcd)
{
    public ValueTask<AlarmResponse> AlarmAsync(AlarmRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<AlarmResponse>("Alarm", call);

    public ValueTask<StatusResponse> StatusAsync(StatusRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<StatusResponse>("Status", call);

    public ValueTask<DefragmentResponse> DefragmentAsync(DefragmentRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<DefragmentResponse>("Defragment", call);

    public ValueTask<HashResponse> HashAsync(HashRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<HashResponse>("Hash", call);

    public ValueTask<HashKVResponse> HashKvAsync(HashKVRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<HashKVResponse>("HashKV", call);

    public ValueTask<MoveLeaderResponse> MoveLeaderAsync(MoveLeaderRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<MoveLeaderResponse>("MoveLeader", call);

    public ValueTask<DowngradeResponse> DowngradeAsync(DowngradeRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<DowngradeResponse>("Downgrade", call);
}

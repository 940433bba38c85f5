using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service Lease, but for its stream.</summary>
internal sealed class LeaseCalls(EtcdNode etcd)
{
    public ValueTask<LeaseGrantResponse> GrantAsync(LeaseGrantRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<LeaseGrantResponse>("LeaseGrant", call);

    public ValueTask<LeaseRevokeResponse> RevokeAsync(LeaseRevokeRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<LeaseRevokeResponse>("LeaseRevoke", call);

    public ValueTask<LeaseTimeToLiveResponse> TimeToLiveAsync(LeaseTimeToLiveRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<LeaseTimeToLiveResponse>("LeaseTimeToLive", call);

    public ValueTask<LeaseLeasesResponse> LeasesAsync(LeaseLeasesRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<LeaseLeasesResponse>("LeaseLeases", call);
}

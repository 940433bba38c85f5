using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service Election.</summary>
internal sealed class ElectionCalls(EtcdNode etcd)
{
    public ValueTask<CampaignResponse> CampaignAsync(CampaignRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<CampaignResponse>("Campaign", call);

    public ValueTask<ProclaimResponse> ProclaimAsync(ProclaimRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<ProclaimResponse>("Proclaim", call);

    public ValueTask<LeaderResponse> LeaderAsync(LeaderRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<LeaderResponse>("Leader", call);

    public ValueTask<ResignResponse> ResignAsync(ResignRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<ResignResponse>("Resign", call);

    public async Task ObserveAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call) =>
        await etcd.UnimplementedAsync<bool>("Observe", call);
}

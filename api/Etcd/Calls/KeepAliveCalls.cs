namespace RestKv.Api.Etcd.Calls;

/// <summary>Lease.LeaseKeepAlive.</summary>
internal sealed class KeepAliveCalls(EtcdNode etcd)
{
    public async Task KeepAliveAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call) =>
        await etcd.UnimplementedAsync<bool>("LeaseKeepAlive", call);
}

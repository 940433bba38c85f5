namespace RestKv.Api.Etcd.Calls;

/// <summary>The service Watch.</summary>
internal sealed class WatchCalls(EtcdNode etcd)
{
    public async Task WatchAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call) =>
        await etcd.UnimplementedAsync<bool>("Watch", call);
}

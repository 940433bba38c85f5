using RestKv.Api.Etcd.Watches;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service Watch.</summary>
internal sealed class WatchCalls(EtcdNode etcd, WatchSettings settings, TimeProvider time)
{
    public async Task WatchAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call)
    {
        using var session = new WatchSession(etcd, settings, time, call, replies);
        await session.RunAsync(requests);
    }
}

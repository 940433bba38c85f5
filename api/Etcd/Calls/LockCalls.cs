using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service Lock.</summary>
internal sealed class LockCalls(EtcdNode etcd)
{
    public ValueTask<LockResponse> LockAsync(LockRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<LockResponse>("Lock", call);

    public ValueTask<UnlockResponse> UnlockAsync(UnlockRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<UnlockResponse>("Unlock", call);
}

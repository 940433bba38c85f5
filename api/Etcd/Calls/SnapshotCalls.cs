namespace RestKv.Api.Etcd.Calls;

/// <summary>Maintenance.Snapshot.</summary>
internal sealed class SnapshotCalls(EtcdNode etcd)
{
    public async Task SnapshotAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call) =>
        await etcd.UnimplementedAsync<bool>("Snapshot", call);
}

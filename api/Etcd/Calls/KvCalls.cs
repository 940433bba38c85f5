using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service KV.</summary>
internal sealed class KvCalls(EtcdNode etcd)
{
    public ValueTask<RangeResponse> RangeAsync(RangeRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<RangeResponse>("Range", call);

    public ValueTask<PutResponse> PutAsync(PutRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<PutResponse>("Put", call);

    public ValueTask<DeleteRangeResponse> DeleteRangeAsync(DeleteRangeRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<DeleteRangeResponse>("DeleteRange", call);

    public ValueTask<TxnResponse> TxnAsync(TxnRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<TxnResponse>("Txn", call);

    public ValueTask<CompactionResponse> CompactAsync(CompactionRequest request, EtcdCall call) =>
        etcd.UnimplementedAsync<CompactionResponse>("Compact", call);
}

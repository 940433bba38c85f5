using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Hosting;
using RestKv.Core.Commands;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service KV.</summary>
internal sealed class KvCalls(EtcdNode etcd, NodeOptions options)
{
    public async ValueTask<RangeResponse> RangeAsync(RangeRequest request, EtcdCall call)
    {
        KvChecks.Check(request);
        var read = KvRequests.Range(request);
        var view = await etcd.ReadAsync(call, request.Serializable, EtcdNeed.Read(read.Range));
        var revision = Math.Max(0, request.Revision);
        if (revision > view.Revision)
        {
            throw EtcdFaults.FutureRevision();
        }

        if (revision != 0 && revision < view.CompactedRevision)
        {
            throw EtcdFaults.Compacted();
        }

        var result = view.Range(read with { Revision = revision });
        return KvResponses.Range(result, etcd.Header(view.Revision));
    }

    public async ValueTask<PutResponse> PutAsync(PutRequest request, EtcdCall call)
    {
        KvChecks.Check(request);
        CheckSize(request);
        var result = (OperationResult.Put)await etcd.SubmitAsync(new Command.Write(KvRequests.Put(request)), call);
        return KvResponses.Put(result, etcd.Header(result.Revision));
    }

    public async ValueTask<DeleteRangeResponse> DeleteRangeAsync(DeleteRangeRequest request, EtcdCall call)
    {
        KvChecks.Check(request);
        CheckSize(request);
        var result = (OperationResult.Delete)await etcd.SubmitAsync(new Command.Write(KvRequests.Delete(request)), call);
        return KvResponses.Delete(result, etcd.Header(result.Revision));
    }

    public async ValueTask<TxnResponse> TxnAsync(TxnRequest request, EtcdCall call)
    {
        KvChecks.Check(request);
        var txn = KvRequests.Txn(request);
        OperationResult result;
        if (TxnReader.CanRun(txn))
        {
            result = TxnReader.Run(await etcd.ReadAsync(call, IsSerializable(request), EtcdNeed.Request(txn)), txn);
        }
        else
        {
            CheckSize(request);
            result = await etcd.SubmitAsync(new Command.Write(txn), call);
        }

        return result is OperationResult.Rejected rejected
            ? throw EtcdRefusals.Of(rejected.Rejection)
            : KvResponses.Txn((OperationResult.Txn)result, etcd.Header(result.Revision));
    }

    public async ValueTask<CompactionResponse> CompactAsync(CompactionRequest request, EtcdCall call)
    {
        // What is given up cannot be read from now on; "physical" asks to wait for the memory, which nobody can tell apart.
        var result = await etcd.SubmitAsync(new Command.Compact(request.Revision, MustAdvance: true), call);
        return new CompactionResponse { Header = etcd.Header(result.Revision) };
    }

    /// <summary>One read that must be fresh makes the whole transaction so; one without reads is judged on fresh state too.</summary>
    private static bool IsSerializable(TxnRequest request)
    {
        var reads = request.Success.Concat(request.Failure).Select(operation => operation.RequestRange).ToList();
        return reads.Count > 0 && reads.TrueForAll(read => read.Serializable);
    }

    private void CheckSize(IMessage request)
    {
        if (request.CalculateSize() > options.MaxRequestBytes)
        {
            throw EtcdFaults.RequestTooLarge();
        }
    }
}

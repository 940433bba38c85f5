using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Etcd.Recipes;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service Lock. Refusals carry their own code, where etcd's lock service says Unknown.</summary>
internal sealed class LockCalls(EtcdNode etcd, Contenders contenders)
{
    public async ValueTask<LockResponse> LockAsync(LockRequest request, EtcdCall call)
    {
        var lease = await contenders.LeaseAsync(request.Lease, call);
        var contender = await contenders.EnterAsync(request.Name.Memory, lease, default, call);
        var outcome = await contenders.WaitAsync(request.Name.Memory, contender, call);
        return new LockResponse
        {
            Header = etcd.Header(await ConfirmAsync(contender, outcome, call)),
            Key = UnsafeByteOperations.UnsafeWrap(contender.Key),
        };
    }

    public async ValueTask<UnlockResponse> UnlockAsync(UnlockRequest request, EtcdCall call)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdFaults.KeyEmpty();
        }

        var result = await etcd.SubmitAsync(new Command.Write(new Operation.Delete(KeyRange.Single(request.Key.Memory))), call);
        return new UnlockResponse { Header = etcd.Header(result.Revision) };
    }

    /// <summary>
    /// A lock that was held from the first moment is as old as the answer. After a wait the key may be gone by now, which only a
    /// majority can say.
    /// </summary>
    private async ValueTask<long> ConfirmAsync(Contender contender, LineOutcome outcome, EtcdCall call)
    {
        switch (outcome)
        {
            case LineOutcome.FirstAtOnce:
                return contender.Revision;
            case LineOutcome.FirstAfterWait:
                var view = await etcd.ReadAsync(call, isSerializable: false, EtcdNeed.Read(KeyRange.Single(contender.Key)));
                return view.TryGet(contender.Key.Span, out var own) && own.CreateRevision == contender.CreateRevision
                    ? view.Revision
                    : throw SessionExpired();
            default:
                throw SessionExpired();
        }
    }

    private static EtcdFault SessionExpired() => new(GrpcCode.Unknown, "mutex: session is expired");
}

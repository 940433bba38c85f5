using System.Collections.Immutable;
using Google.Protobuf.Collections;
using RestKv.Api.Etcd.Messages;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using Compare = RestKv.Api.Etcd.Messages.Compare;
using CoreCompare = RestKv.Core.Commands.Compare;

namespace RestKv.Api.Etcd;

/// <summary>Requests of KV in the words of the kernel. They have been judged before.</summary>
internal static class KvRequests
{
    /// <param name="request">Its revision is taken as it is: inside a transaction a negative one is not "now".</param>
    public static Core.Model.RangeRequest Range(Messages.RangeRequest request)
    {
        var isOrdered = request.SortOrder is Messages.RangeRequest.Types.SortOrder.None
            or Messages.RangeRequest.Types.SortOrder.Ascend or Messages.RangeRequest.Types.SortOrder.Descend;
        return new Core.Model.RangeRequest(KeyRanges.Of(request.Key.Memory, request.RangeEnd.Memory))
        {
            Revision = request.Revision,
            Limit = Math.Max(0, request.Limit),

            // An order that there is not sorts by nothing.
            SortTarget = isOrdered ? (SortTarget)request.SortTarget : SortTarget.Key,
            SortOrder = isOrdered ? (SortOrder)request.SortOrder : SortOrder.None,
            MinModRevision = request.MinModRevision,
            MaxModRevision = request.MaxModRevision,
            MinCreateRevision = request.MinCreateRevision,
            MaxCreateRevision = request.MaxCreateRevision,
            KeysOnly = request.KeysOnly,
            CountOnly = request.CountOnly,
            WantCount = true,
        };
    }

    public static Operation.Put Put(PutRequest request) => new(request.Key.Memory, request.Value.Memory)
    {
        Lease = new LeaseId(request.Lease),
        KeepLease = request.IgnoreLease,
        KeepValue = request.IgnoreValue,
        ReturnPrevious = request.PrevKv,
    };

    public static Operation.Delete Delete(DeleteRangeRequest request) =>
        new(KeyRanges.Of(request.Key.Memory, request.RangeEnd.Memory), request.PrevKv);

    public static Operation.Txn Txn(TxnRequest request) => new(
        [.. request.Compare.Select(Condition)], Branch(request.Success), Branch(request.Failure));

    private static ImmutableArray<Operation> Branch(RepeatedField<RequestOp> operations)
    {
        var branch = ImmutableArray.CreateBuilder<Operation>(operations.Count);
        foreach (var operation in operations)
        {
            branch.Add(operation.RequestCase switch
            {
                RequestOp.RequestOneofCase.RequestRange => new Operation.Get(Range(operation.RequestRange)),
                RequestOp.RequestOneofCase.RequestPut => Put(operation.RequestPut),
                RequestOp.RequestOneofCase.RequestDeleteRange => Delete(operation.RequestDeleteRange),
                RequestOp.RequestOneofCase.RequestTxn => Txn(operation.RequestTxn),
                _ => throw new System.Diagnostics.UnreachableException(),
            });
        }

        return branch.MoveToImmutable();
    }

    /// <summary>An operand of another kind than the target counts as none, which is zero or empty.</summary>
    private static CoreCompare Condition(Compare compare)
    {
        var number = compare.Target switch
        {
            Compare.Types.CompareTarget.Version => compare.Version,
            Compare.Types.CompareTarget.Create => compare.CreateRevision,
            Compare.Types.CompareTarget.Mod => compare.ModRevision,
            Compare.Types.CompareTarget.Lease => compare.Lease,
            _ => 0,
        };
        return new CoreCompare(
            KeyRanges.Of(compare.Key.Memory, compare.RangeEnd.Memory),
            (CompareTarget)compare.Target,
            (CompareOperator)compare.Result,
            number,
            compare.Target == Compare.Types.CompareTarget.Value ? compare.Value.Memory : default);
    }
}

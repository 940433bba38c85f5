using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using CoreKeyValue = RestKv.Core.Model.KeyValue;
using KeyValue = RestKv.Api.Etcd.Messages.KeyValue;

namespace RestKv.Api.Etcd;

/// <summary>Results of the kernel as answers. Keys and values are not copied: they are views into memory that never changes.</summary>
internal static class KvResponses
{
    public static KeyValue Pair(in CoreKeyValue pair) => new()
    {
        Key = UnsafeByteOperations.UnsafeWrap(pair.Key),
        CreateRevision = pair.CreateRevision,
        ModRevision = pair.ModRevision,
        Version = pair.Version,
        Value = UnsafeByteOperations.UnsafeWrap(pair.Value),
        Lease = pair.Lease.Value,
    };

    public static RangeResponse Range(RangeResult result, ResponseHeader header)
    {
        var response = new RangeResponse { Header = header, More = result.More, Count = Math.Max(0, result.Count) };
        response.Kvs.Capacity = result.Items.Count;
        foreach (var item in result.Items)
        {
            response.Kvs.Add(Pair(item));
        }

        return response;
    }

    public static PutResponse Put(OperationResult.Put result, ResponseHeader header) => new()
    {
        Header = header,
        PrevKv = result.Previous is { } previous ? Pair(previous) : null,
    };

    public static DeleteRangeResponse Delete(OperationResult.Delete result, ResponseHeader header)
    {
        var response = new DeleteRangeResponse { Header = header, Deleted = result.Deleted };
        response.PrevKvs.AddRange(result.Previous.Select(previous => Pair(previous)));
        return response;
    }

    public static TxnResponse Txn(OperationResult.Txn result, ResponseHeader header)
    {
        var response = new TxnResponse { Header = header, Succeeded = result.Succeeded };
        response.Responses.AddRange(result.Results.Select(Operation));
        return response;
    }

    /// <summary>Inside a transaction a header has nothing but the revision, and that of a transaction not even this.</summary>
    private static ResponseOp Operation(OperationResult result) => result switch
    {
        OperationResult.Get get => new ResponseOp { ResponseRange = Range(get.Result, Inner(get)) },
        OperationResult.Put put => new ResponseOp { ResponsePut = Put(put, Inner(put)) },
        OperationResult.Delete delete => new ResponseOp { ResponseDeleteRange = Delete(delete, Inner(delete)) },
        OperationResult.Txn txn => new ResponseOp { ResponseTxn = Txn(txn, new ResponseHeader()) },
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static ResponseHeader Inner(OperationResult result) => new() { Revision = result.Revision };
}

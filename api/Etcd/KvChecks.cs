using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd;

/// <summary>What is refused before anything is proposed or read, in the order in which etcd finds it.</summary>
internal static class KvChecks
{
    /// <summary>Compares, operations of one branch, and likewise inside: what a nested transaction may have is what is left.</summary>
    public const int OperationsMax = 128;

    /// <summary>What the store can hold; etcd holds more.</summary>
    private const int KeyBytesMax = ushort.MaxValue;

    /// <summary>Only what is written: longer keys may be looked for, and are not there.</summary>
    public static void CheckLength(ReadOnlySpan<byte> key)
    {
        if (key.Length > KeyBytesMax)
        {
            throw EtcdFaults.RequestTooLarge();
        }
    }

    public static void Check(RangeRequest request)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdFaults.KeyEmpty();
        }

        if (request.SortTarget is < RangeRequest.Types.SortTarget.Key or > RangeRequest.Types.SortTarget.Value)
        {
            throw EtcdFaults.SortOption();
        }
    }

    public static void Check(PutRequest request)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdFaults.KeyEmpty();
        }

        CheckLength(request.Key.Span);
        if (request.IgnoreValue && !request.Value.IsEmpty)
        {
            throw EtcdFaults.ValueGiven();
        }

        if (request.IgnoreLease && request.Lease != 0)
        {
            throw EtcdFaults.LeaseGiven();
        }
    }

    public static void Check(DeleteRangeRequest request)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdFaults.KeyEmpty();
        }
    }

    public static void Check(TxnRequest request)
    {
        Check(request, OperationsMax);
        TxnWrites.Check(request.Success);
        TxnWrites.Check(request.Failure);
    }

    /// <summary>Each level takes at least one operation of its budget, so recursion is bounded.</summary>
    private static void Check(TxnRequest request, int operationsMax)
    {
        var operations = Math.Max(request.Compare.Count, Math.Max(request.Success.Count, request.Failure.Count));
        if (operations > operationsMax)
        {
            throw EtcdFaults.TooManyOperations();
        }

        foreach (var compare in request.Compare)
        {
            Check(compare);
        }

        foreach (var operation in request.Success)
        {
            Check(operation, operationsMax - operations);
        }

        foreach (var operation in request.Failure)
        {
            Check(operation, operationsMax - operations);
        }
    }

    private static void Check(Compare compare)
    {
        if (compare.Key.IsEmpty)
        {
            throw EtcdFaults.KeyEmpty();
        }

        if (compare.Target is < Compare.Types.CompareTarget.Version or > Compare.Types.CompareTarget.Lease
            || compare.Result is < Compare.Types.CompareResult.Equal or > Compare.Types.CompareResult.NotEqual)
        {
            throw EtcdFaults.CompareOption();
        }
    }

    private static void Check(RequestOp operation, int operationsMax)
    {
        switch (operation.RequestCase)
        {
            case RequestOp.RequestOneofCase.RequestRange:
                Check(operation.RequestRange);
                break;
            case RequestOp.RequestOneofCase.RequestPut:
                Check(operation.RequestPut);
                break;
            case RequestOp.RequestOneofCase.RequestDeleteRange:
                Check(operation.RequestDeleteRange);
                break;
            case RequestOp.RequestOneofCase.RequestTxn:
                Check(operation.RequestTxn, operationsMax);
                break;
            default:
                throw EtcdFaults.KeyNotFound();
        }
    }
}

using System.Collections.Immutable;
using RestKv.Core.Model;

namespace RestKv.Core.Commands;

/// <summary>Binary form of operations, compares and ranges; see <see cref="CommandCodec"/>.</summary>
internal static class OperationCodec
{
    public static void Encode(ByteWriter into, Operation operation)
    {
        switch (operation)
        {
            case Operation.Put put:
                into.WriteByte(1);
                into.WriteByte((byte)((put.KeepLease ? 1 : 0) | (put.KeepValue ? 2 : 0)
                    | (put.LenientKeep ? 4 : 0) | (put.ReturnPrevious ? 8 : 0)));
                into.WriteInt64(put.Lease.Value);
                into.WriteCount(put.OwnTtlSeconds);
                into.WriteBytes(put.Key.Span);
                into.WriteBytes(put.Value.Span);
                break;
            case Operation.Delete delete:
                into.WriteByte(2);
                into.WriteBool(delete.ReturnPrevious);
                EncodeRange(into, delete.Range);
                break;
            case Operation.Get get:
                into.WriteByte(3);
                EncodeRequest(into, get.Request);
                break;
            case Operation.Txn txn:
                into.WriteByte(4);
                EncodeTxn(into, txn);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Depth is bounded by <see cref="CommandCodec.DepthMax"/>, so recursion is.</summary>
    public static Operation Decode(ref ByteReader reader, int depth)
    {
        switch (reader.ReadByte())
        {
            case 1:
                return DecodePut(ref reader);
            case 2:
                var previous = reader.ReadBool();
                return new Operation.Delete(DecodeRange(ref reader), previous);
            case 3:
                return new Operation.Get(DecodeRequest(ref reader));
            case 4 when depth <= CommandCodec.DepthMax:
                return new Operation.Txn(
                    DecodeCompares(ref reader), DecodeBranch(ref reader, depth), DecodeBranch(ref reader, depth));
            default:
                reader.Fault();
                return new Operation.Delete(default);
        }
    }

    private static void EncodeTxn(ByteWriter into, Operation.Txn txn)
    {
        into.WriteCount(txn.If.Length);
        foreach (var compare in txn.If)
        {
            EncodeRange(into, compare.Range);
            into.WriteByte((byte)compare.Target);
            into.WriteByte((byte)compare.Operator);
            into.WriteInt64(compare.Number);
            into.WriteBytes(compare.Bytes.Span);
        }

        foreach (var branch in (ReadOnlySpan<ImmutableArray<Operation>>)[txn.Then, txn.Else])
        {
            into.WriteCount(branch.Length);
            foreach (var operation in branch)
            {
                Encode(into, operation);
            }
        }
    }

    private static Operation.Put DecodePut(ref ByteReader reader)
    {
        var flags = reader.ReadByte();
        var lease = new LeaseId(reader.ReadInt64());
        var ownTtlSeconds = reader.ReadCount();
        var key = reader.ReadBytes();
        if (flags > 15)
        {
            reader.Fault();
        }

        return new Operation.Put(key, reader.ReadBytes())
        {
            Lease = lease,
            OwnTtlSeconds = ownTtlSeconds,
            KeepLease = (flags & 1) != 0,
            KeepValue = (flags & 2) != 0,
            LenientKeep = (flags & 4) != 0,
            ReturnPrevious = (flags & 8) != 0,
        };
    }

    private static ImmutableArray<Compare> DecodeCompares(ref ByteReader reader)
    {
        var count = reader.ReadLength();
        var compares = ImmutableArray.CreateBuilder<Compare>();
        for (var i = 0; i < count && !reader.IsFaulted; i++)
        {
            var range = DecodeRange(ref reader);
            var target = reader.ReadByte();
            var comparison = reader.ReadByte();
            if (target > (byte)CompareTarget.Lease || comparison > (byte)CompareOperator.NotEqual)
            {
                reader.Fault();
            }

            compares.Add(new Compare(
                range, (CompareTarget)target, (CompareOperator)comparison, reader.ReadInt64(), reader.ReadBytes()));
        }

        return compares.ToImmutable();
    }

    private static ImmutableArray<Operation> DecodeBranch(ref ByteReader reader, int depth)
    {
        var count = reader.ReadLength();
        var operations = ImmutableArray.CreateBuilder<Operation>();
        for (var i = 0; i < count && !reader.IsFaulted; i++)
        {
            operations.Add(Decode(ref reader, depth + 1));
        }

        return operations.ToImmutable();
    }

    private static void EncodeRange(ByteWriter into, in KeyRange range)
    {
        into.WriteByte((byte)range.Kind);
        into.WriteBytes(range.Start.Span);
        if (range.Kind == KeyRangeKind.HalfOpen)
        {
            into.WriteBytes(range.End.Span);
        }
    }

    private static KeyRange DecodeRange(ref ByteReader reader)
    {
        var kind = reader.ReadByte();
        var start = reader.ReadBytes();
        if (kind > (byte)KeyRangeKind.From)
        {
            reader.Fault();
        }

        return new KeyRange(
            (KeyRangeKind)kind, start, kind == (byte)KeyRangeKind.HalfOpen ? reader.ReadBytes() : default);
    }

    private static void EncodeRequest(ByteWriter into, RangeRequest request)
    {
        EncodeRange(into, request.Range);
        into.WriteInt64(request.Revision);
        into.WriteCount(Math.Max(0, request.Limit));
        into.WriteByte((byte)request.SortTarget);
        into.WriteByte((byte)request.SortOrder);
        into.WriteInt64(request.MinModRevision);
        into.WriteInt64(request.MaxModRevision);
        into.WriteInt64(request.MinCreateRevision);
        into.WriteInt64(request.MaxCreateRevision);
        into.WriteByte((byte)((request.KeysOnly ? 1 : 0) | (request.CountOnly ? 2 : 0) | (request.WantCount ? 4 : 0)));
        into.WriteCount(request.BytesMax);
    }

    private static RangeRequest DecodeRequest(ref ByteReader reader)
    {
        var range = DecodeRange(ref reader);
        var revision = reader.ReadInt64();
        var limit = reader.ReadCount();
        var target = reader.ReadByte();
        var order = reader.ReadByte();
        var request = new RangeRequest(range)
        {
            Revision = revision,
            Limit = limit,
            SortTarget = (SortTarget)target,
            SortOrder = (SortOrder)order,
            MinModRevision = reader.ReadInt64(),
            MaxModRevision = reader.ReadInt64(),
            MinCreateRevision = reader.ReadInt64(),
            MaxCreateRevision = reader.ReadInt64(),
        };
        var flags = reader.ReadByte();
        if (target > (byte)SortTarget.Value || order > (byte)SortOrder.Descending || flags > 7)
        {
            reader.Fault();
        }

        return request with
        {
            KeysOnly = (flags & 1) != 0,
            CountOnly = (flags & 2) != 0,
            WantCount = (flags & 4) != 0,
            BytesMax = reader.ReadCount(),
        };
    }
}

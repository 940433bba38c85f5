using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Collections;
using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Json;

/// <summary>Reading of what most requests are, written by hand: no delegate and no list of fields between a member and its property.</summary>
internal static class KvRequestCodecs
{
    private static readonly EnumCodec<RangeRequest.Types.SortOrder> SortOrders = new(EnumOf<RangeRequest>("SortOrder"));
    private static readonly EnumCodec<RangeRequest.Types.SortTarget> SortTargets = new(EnumOf<RangeRequest>("SortTarget"));
    private static readonly EnumCodec<Compare.Types.CompareResult> Results = new(EnumOf<Compare>("CompareResult"));
    private static readonly EnumCodec<Compare.Types.CompareTarget> Targets = new(EnumOf<Compare>("CompareTarget"));

    // An unknown name leaves the field at its default.
    public static RangeRequest.Types.SortOrder ReadSortOrder(ref Utf8JsonReader reader) =>
        SortOrders.TryRead(ref reader, out var value) ? value : default;

    public static RangeRequest.Types.SortTarget ReadSortTarget(ref Utf8JsonReader reader) =>
        SortTargets.TryRead(ref reader, out var value) ? value : default;

    public static Compare.Types.CompareResult ReadResult(ref Utf8JsonReader reader) =>
        Results.TryRead(ref reader, out var value) ? value : default;

    public static Compare.Types.CompareTarget ReadTarget(ref Utf8JsonReader reader) =>
        Targets.TryRead(ref reader, out var value) ? value : default;

    public static void ReadList<T>(ref Utf8JsonReader reader, RepeatedField<T> into)
        where T : class, IMessage<T>, new()
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw JsonFaults.NotA("a list", ref reader);
        }

        var codec = MessageCodecs.Of<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            into.Add(codec.ReadMessage(ref reader));
        }
    }

    private static Google.Protobuf.Reflection.EnumDescriptor EnumOf<T>(string name)
        where T : IMessage<T>, new() => new T().Descriptor.EnumTypes.Single(type => type.Name == name);
}

/// <summary>Reads ranges; filters are rare and left to the descriptor.</summary>
internal sealed class RangeRequestCodec : DescribedCodec<RangeRequest>
{
    protected override void ReadField(int number, ref Utf8JsonReader reader, RangeRequest into)
    {
        switch (number)
        {
            case RangeRequest.KeyFieldNumber:
                into.Key = JsonValues.ReadBytes(ref reader);
                break;
            case RangeRequest.RangeEndFieldNumber:
                into.RangeEnd = JsonValues.ReadBytes(ref reader);
                break;
            case RangeRequest.LimitFieldNumber:
                into.Limit = JsonValues.ReadInt64(ref reader);
                break;
            case RangeRequest.RevisionFieldNumber:
                into.Revision = JsonValues.ReadInt64(ref reader);
                break;
            case RangeRequest.SortOrderFieldNumber:
                into.SortOrder = KvRequestCodecs.ReadSortOrder(ref reader);
                break;
            case RangeRequest.SortTargetFieldNumber:
                into.SortTarget = KvRequestCodecs.ReadSortTarget(ref reader);
                break;
            case RangeRequest.SerializableFieldNumber:
                into.Serializable = JsonValues.ReadBool(ref reader);
                break;
            case RangeRequest.KeysOnlyFieldNumber:
                into.KeysOnly = JsonValues.ReadBool(ref reader);
                break;
            case RangeRequest.CountOnlyFieldNumber:
                into.CountOnly = JsonValues.ReadBool(ref reader);
                break;
            default:
                base.ReadField(number, ref reader, into);
                break;
        }
    }
}

/// <summary>Reads puts; what is ignored is rare and left to the descriptor.</summary>
internal sealed class PutRequestCodec : DescribedCodec<PutRequest>
{
    protected override void ReadField(int number, ref Utf8JsonReader reader, PutRequest into)
    {
        switch (number)
        {
            case PutRequest.KeyFieldNumber:
                into.Key = JsonValues.ReadBytes(ref reader);
                break;
            case PutRequest.ValueFieldNumber:
                into.Value = JsonValues.ReadBytes(ref reader);
                break;
            case PutRequest.LeaseFieldNumber:
                into.Lease = JsonValues.ReadInt64(ref reader);
                break;
            case PutRequest.PrevKvFieldNumber:
                into.PrevKv = JsonValues.ReadBool(ref reader);
                break;
            default:
                base.ReadField(number, ref reader, into);
                break;
        }
    }
}

/// <summary>Reads deletes.</summary>
internal sealed class DeleteRangeRequestCodec : DescribedCodec<DeleteRangeRequest>
{
    protected override void ReadField(int number, ref Utf8JsonReader reader, DeleteRangeRequest into)
    {
        switch (number)
        {
            case DeleteRangeRequest.KeyFieldNumber:
                into.Key = JsonValues.ReadBytes(ref reader);
                break;
            case DeleteRangeRequest.RangeEndFieldNumber:
                into.RangeEnd = JsonValues.ReadBytes(ref reader);
                break;
            default:
                into.PrevKv = JsonValues.ReadBool(ref reader);
                break;
        }
    }
}

/// <summary>Reads transactions.</summary>
internal sealed class TxnRequestCodec : DescribedCodec<TxnRequest>
{
    protected override void ReadField(int number, ref Utf8JsonReader reader, TxnRequest into)
    {
        switch (number)
        {
            case TxnRequest.CompareFieldNumber:
                KvRequestCodecs.ReadList(ref reader, into.Compare);
                break;
            case TxnRequest.SuccessFieldNumber:
                KvRequestCodecs.ReadList(ref reader, into.Success);
                break;
            default:
                KvRequestCodecs.ReadList(ref reader, into.Failure);
                break;
        }
    }
}

/// <summary>Reads one operation of a transaction.</summary>
internal sealed class RequestOpCodec : DescribedCodec<RequestOp>
{
    protected override void ReadField(int number, ref Utf8JsonReader reader, RequestOp into)
    {
        switch (number)
        {
            case RequestOp.RequestRangeFieldNumber:
                into.RequestRange = MessageCodecs.Of<RangeRequest>().ReadMessage(ref reader);
                break;
            case RequestOp.RequestPutFieldNumber:
                into.RequestPut = MessageCodecs.Of<PutRequest>().ReadMessage(ref reader);
                break;
            case RequestOp.RequestDeleteRangeFieldNumber:
                into.RequestDeleteRange = MessageCodecs.Of<DeleteRangeRequest>().ReadMessage(ref reader);
                break;
            default:
                into.RequestTxn = MessageCodecs.Of<TxnRequest>().ReadMessage(ref reader);
                break;
        }
    }
}

/// <summary>Reads conditions; the rarer operands are left to the descriptor.</summary>
internal sealed class CompareCodec : DescribedCodec<Compare>
{
    protected override void ReadField(int number, ref Utf8JsonReader reader, Compare into)
    {
        switch (number)
        {
            case Compare.ResultFieldNumber:
                into.Result = KvRequestCodecs.ReadResult(ref reader);
                break;
            case Compare.TargetFieldNumber:
                into.Target = KvRequestCodecs.ReadTarget(ref reader);
                break;
            case Compare.KeyFieldNumber:
                into.Key = JsonValues.ReadBytes(ref reader);
                break;
            case Compare.ModRevisionFieldNumber:
                into.ModRevision = JsonValues.ReadInt64(ref reader);
                break;
            case Compare.CreateRevisionFieldNumber:
                into.CreateRevision = JsonValues.ReadInt64(ref reader);
                break;
            case Compare.ValueFieldNumber:
                into.Value = JsonValues.ReadBytes(ref reader);
                break;
            default:
                base.ReadField(number, ref reader, into);
                break;
        }
    }
}

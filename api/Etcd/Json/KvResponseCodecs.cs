using System.Text.Json;
using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Json;

/// <summary>Names in the answers that most requests get, encoded once.</summary>
internal static class KvResponseCodecs
{
    public static readonly JsonEncodedText Header = JsonEncodedText.Encode("header");
    public static readonly JsonEncodedText ClusterId = JsonEncodedText.Encode("cluster_id");
    public static readonly JsonEncodedText MemberId = JsonEncodedText.Encode("member_id");
    public static readonly JsonEncodedText Revision = JsonEncodedText.Encode("revision");
    public static readonly JsonEncodedText RaftTerm = JsonEncodedText.Encode("raft_term");
    public static readonly JsonEncodedText Key = JsonEncodedText.Encode("key");
    public static readonly JsonEncodedText CreateRevision = JsonEncodedText.Encode("create_revision");
    public static readonly JsonEncodedText ModRevision = JsonEncodedText.Encode("mod_revision");
    public static readonly JsonEncodedText Version = JsonEncodedText.Encode("version");
    public static readonly JsonEncodedText Value = JsonEncodedText.Encode("value");
    public static readonly JsonEncodedText Lease = JsonEncodedText.Encode("lease");
    public static readonly JsonEncodedText Kvs = JsonEncodedText.Encode("kvs");
    public static readonly JsonEncodedText More = JsonEncodedText.Encode("more");
    public static readonly JsonEncodedText Count = JsonEncodedText.Encode("count");
    public static readonly JsonEncodedText PrevKv = JsonEncodedText.Encode("prev_kv");
    public static readonly JsonEncodedText PrevKvs = JsonEncodedText.Encode("prev_kvs");
    public static readonly JsonEncodedText Deleted = JsonEncodedText.Encode("deleted");
    public static readonly JsonEncodedText Succeeded = JsonEncodedText.Encode("succeeded");
    public static readonly JsonEncodedText Responses = JsonEncodedText.Encode("responses");
    public static readonly JsonEncodedText ResponseRange = JsonEncodedText.Encode("response_range");
    public static readonly JsonEncodedText ResponsePut = JsonEncodedText.Encode("response_put");
    public static readonly JsonEncodedText ResponseDeleteRange = JsonEncodedText.Encode("response_delete_range");
    public static readonly JsonEncodedText ResponseTxn = JsonEncodedText.Encode("response_txn");

    public static void WriteHeader(Utf8JsonWriter writer, ResponseHeader? header)
    {
        if (header is not null)
        {
            writer.WritePropertyName(Header);
            MessageCodecs.Of<ResponseHeader>().WriteMessage(writer, header);
        }
    }

    public static void WritePairs(Utf8JsonWriter writer, JsonEncodedText name, IReadOnlyList<KeyValue> pairs)
    {
        if (pairs.Count == 0)
        {
            return;
        }

        var codec = MessageCodecs.Of<KeyValue>();
        writer.WriteStartArray(name);
        for (var i = 0; i < pairs.Count; i++)
        {
            codec.WriteMessage(writer, pairs[i]);
        }

        writer.WriteEndArray();
    }
}

/// <summary>Writes headers.</summary>
internal sealed class ResponseHeaderCodec : DescribedCodec<ResponseHeader>
{
    protected override void WriteFields(Utf8JsonWriter writer, ResponseHeader message)
    {
        JsonValues.WriteUInt64Unless0(writer, KvResponseCodecs.ClusterId, message.ClusterId);
        JsonValues.WriteUInt64Unless0(writer, KvResponseCodecs.MemberId, message.MemberId);
        JsonValues.WriteInt64Unless0(writer, KvResponseCodecs.Revision, message.Revision);
        JsonValues.WriteUInt64Unless0(writer, KvResponseCodecs.RaftTerm, message.RaftTerm);
    }
}

/// <summary>Writes pairs.</summary>
internal sealed class KeyValueCodec : DescribedCodec<KeyValue>
{
    protected override void WriteFields(Utf8JsonWriter writer, KeyValue message)
    {
        JsonValues.WriteBytesUnlessEmpty(writer, KvResponseCodecs.Key, message.Key);
        JsonValues.WriteInt64Unless0(writer, KvResponseCodecs.CreateRevision, message.CreateRevision);
        JsonValues.WriteInt64Unless0(writer, KvResponseCodecs.ModRevision, message.ModRevision);
        JsonValues.WriteInt64Unless0(writer, KvResponseCodecs.Version, message.Version);
        JsonValues.WriteBytesUnlessEmpty(writer, KvResponseCodecs.Value, message.Value);
        JsonValues.WriteInt64Unless0(writer, KvResponseCodecs.Lease, message.Lease);
    }
}

/// <summary>Writes answers to ranges.</summary>
internal sealed class RangeResponseCodec : DescribedCodec<RangeResponse>
{
    protected override void WriteFields(Utf8JsonWriter writer, RangeResponse message)
    {
        KvResponseCodecs.WriteHeader(writer, message.Header);
        KvResponseCodecs.WritePairs(writer, KvResponseCodecs.Kvs, message.Kvs);
        WriteEnd(writer, message);
    }

    /// <summary>What follows the pairs.</summary>
    public static void WriteEnd(Utf8JsonWriter writer, RangeResponse message)
    {
        if (message.More)
        {
            writer.WriteBoolean(KvResponseCodecs.More, true);
        }

        JsonValues.WriteInt64Unless0(writer, KvResponseCodecs.Count, message.Count);
    }
}

/// <summary>Writes answers to puts.</summary>
internal sealed class PutResponseCodec : DescribedCodec<PutResponse>
{
    protected override void WriteFields(Utf8JsonWriter writer, PutResponse message)
    {
        KvResponseCodecs.WriteHeader(writer, message.Header);
        if (message.PrevKv is { } previous)
        {
            writer.WritePropertyName(KvResponseCodecs.PrevKv);
            MessageCodecs.Of<KeyValue>().WriteMessage(writer, previous);
        }
    }
}

/// <summary>Writes answers to deletes.</summary>
internal sealed class DeleteRangeResponseCodec : DescribedCodec<DeleteRangeResponse>
{
    protected override void WriteFields(Utf8JsonWriter writer, DeleteRangeResponse message)
    {
        KvResponseCodecs.WriteHeader(writer, message.Header);
        JsonValues.WriteInt64Unless0(writer, KvResponseCodecs.Deleted, message.Deleted);
        KvResponseCodecs.WritePairs(writer, KvResponseCodecs.PrevKvs, message.PrevKvs);
    }
}

/// <summary>Writes answers to transactions.</summary>
internal sealed class TxnResponseCodec : DescribedCodec<TxnResponse>
{
    protected override void WriteFields(Utf8JsonWriter writer, TxnResponse message)
    {
        KvResponseCodecs.WriteHeader(writer, message.Header);
        if (message.Succeeded)
        {
            writer.WriteBoolean(KvResponseCodecs.Succeeded, true);
        }

        if (message.Responses.Count > 0)
        {
            var codec = MessageCodecs.Of<ResponseOp>();
            writer.WriteStartArray(KvResponseCodecs.Responses);
            foreach (var response in message.Responses)
            {
                codec.WriteMessage(writer, response);
            }

            writer.WriteEndArray();
        }
    }
}

/// <summary>Writes the answer to one operation of a transaction.</summary>
internal sealed class ResponseOpCodec : DescribedCodec<ResponseOp>
{
    protected override void WriteFields(Utf8JsonWriter writer, ResponseOp message)
    {
        switch (message.ResponseCase)
        {
            case ResponseOp.ResponseOneofCase.ResponseRange:
                writer.WritePropertyName(KvResponseCodecs.ResponseRange);
                MessageCodecs.Of<RangeResponse>().WriteMessage(writer, message.ResponseRange);
                break;
            case ResponseOp.ResponseOneofCase.ResponsePut:
                writer.WritePropertyName(KvResponseCodecs.ResponsePut);
                MessageCodecs.Of<PutResponse>().WriteMessage(writer, message.ResponsePut);
                break;
            case ResponseOp.ResponseOneofCase.ResponseDeleteRange:
                writer.WritePropertyName(KvResponseCodecs.ResponseDeleteRange);
                MessageCodecs.Of<DeleteRangeResponse>().WriteMessage(writer, message.ResponseDeleteRange);
                break;
            case ResponseOp.ResponseOneofCase.ResponseTxn:
                writer.WritePropertyName(KvResponseCodecs.ResponseTxn);
                MessageCodecs.Of<TxnResponse>().WriteMessage(writer, message.ResponseTxn);
                break;
        }
    }
}

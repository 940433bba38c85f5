using Google.Protobuf;
using RestKv.Api.Etcd.Json;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Http;

namespace RestKv.Api.Etcd.Http;

/// <summary>Sends the answer of a unary call: whole with its length, or piece by piece when it is a long list of pairs.</summary>
internal static class GatewayReply
{
    private const string GrpcContentType = "Grpc-Metadata-Content-Type";

    /// <summary>What etcd's gateway adds to every answer that came from a call.</summary>
    public static void SetHeaders(HttpResponse response) => response.Headers[GrpcContentType] = "application/grpc";

    public static Task SendAsync(HttpContext context, IMessage message)
    {
        SetHeaders(context.Response);
        return message is RangeResponse range && IsLong(range) ? SendInPiecesAsync(context, range) : SendWholeAsync(context, message);
    }

    private static async Task SendWholeAsync(HttpContext context, IMessage message)
    {
        using var reply = JsonReply.Rent();
        MessageJson.Write(reply.Writer, message);
        await Reply.SendAsync(context, reply);
    }

    private static bool IsLong(RangeResponse range)
    {
        var bytes = 0L;
        for (var i = 0; i < range.Kvs.Count && bytes < JsonReply.SpillBytes; i++)
        {
            bytes += range.Kvs[i].Key.Length + range.Kvs[i].Value.Length;
        }

        return bytes >= JsonReply.SpillBytes;
    }

    private static async Task SendInPiecesAsync(HttpContext context, RangeResponse range)
    {
        RequestFacts.Of(context).IsAnswered = true;
        context.Response.ContentType = KvHeaders.Json;
        using var reply = JsonReply.Rent();
        var pairs = MessageCodecs.Of<KeyValue>();
        reply.Writer.WriteStartObject();
        KvResponseCodecs.WriteHeader(reply.Writer, range.Header);
        reply.Writer.WriteStartArray(KvResponseCodecs.Kvs);
        foreach (var pair in range.Kvs)
        {
            pairs.WriteMessage(reply.Writer, pair);
            await reply.SpillAsync(context.Response, always: false, context.RequestAborted);
        }

        reply.Writer.WriteEndArray();
        RangeResponseCodec.WriteEnd(reply.Writer, range);
        reply.Writer.WriteEndObject();
        await reply.SpillAsync(context.Response, always: true, context.RequestAborted);
    }
}

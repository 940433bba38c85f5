using System.Globalization;
using System.IO.Pipelines;
using Google.Protobuf;
using RestKv.Api.Etcd.Json;
using RestKv.Api.Http;

namespace RestKv.Api.Etcd.Http;

/// <summary>Reads the message of a unary call.</summary>
internal static class GatewayBody
{
    /// <summary>etcd's limit of a message as protobuf.</summary>
    public const int MessageBytesMax = 2 << 20;

    /// <summary>A message of that size as JSON, and as much again for its spelling: more is refused unread.</summary>
    private const int BodyBytesMax = 4 << 20;

    public static async ValueTask<IMessage> ReadAsync(HttpContext context, MessageCodec codec)
    {
        if (context.Request.ContentLength > BodyBytesMax)
        {
            context.Response.Headers.Connection = "close";
            throw TooLarge(context.Request.ContentLength.Value);
        }

        var reader = context.Request.BodyReader;
        var read = await reader.ReadAsync();
        return read is { IsCompleted: true, Buffer.IsSingleSegment: true }
            ? ReadInPlace(reader, read, codec)
            : await GatherAsync(context, reader, read, codec);
    }

    /// <summary>A limit that holds for messages of streams too.</summary>
    public static EtcdFault TooLarge(long bytes) => new(
        GrpcCode.ResourceExhausted,
        string.Create(CultureInfo.InvariantCulture, $"grpc: received message larger than max ({bytes} vs. {MessageBytesMax})"));

    public static IMessage Parse(MessageCodec codec, ReadOnlySpan<byte> body)
    {
        var message = MessageJson.Read(codec, body);

        // JSON is never shorter than protobuf.
        if (body.Length > MessageBytesMax && message.CalculateSize() is var size and > MessageBytesMax)
        {
            throw TooLarge(size);
        }

        return message;
    }

    private static IMessage ReadInPlace(PipeReader reader, ReadResult read, MessageCodec codec)
    {
        try
        {
            return Parse(codec, read.Buffer.FirstSpan);
        }
        finally
        {
            reader.AdvanceTo(read.Buffer.End);
        }
    }

    private static async ValueTask<IMessage> GatherAsync(HttpContext context, PipeReader reader, ReadResult read, MessageCodec codec)
    {
        var gathered = new PooledBuffer();
        try
        {
            while (true)
            {
                foreach (var segment in read.Buffer)
                {
                    segment.Span.CopyTo(gathered.GetSpan(segment.Length));
                    gathered.Advance(segment.Length);
                }

                reader.AdvanceTo(read.Buffer.End);
                if (gathered.WrittenCount > BodyBytesMax)
                {
                    context.Response.Headers.Connection = "close";
                    throw TooLarge(gathered.WrittenCount);
                }

                if (read.IsCompleted)
                {
                    return Parse(codec, gathered.WrittenMemory.Span);
                }

                read = await reader.ReadAsync();
            }
        }
        finally
        {
            gathered.Abandon();
        }
    }
}

using System.Text.Json;
using Google.Protobuf;

namespace RestKv.Api.Etcd.Json;

/// <summary>Whole bodies: one message each.</summary>
internal static class MessageJson
{
    /// <summary>
    /// Deep enough for transactions that are nested as deep as their limit of operations lets them: three levels for each, and
    /// some more inside.
    /// </summary>
    public const int DepthMax = 400;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = DepthMax, AllowMultipleValues = true };

    /// <summary>
    /// The message in the first JSON value of a body; nothing at all is an empty message, and what follows the value is not read.
    /// </summary>
    public static IMessage Read(MessageCodec codec, ReadOnlySpan<byte> body)
    {
        body = body.TrimStart(" \t\r\n"u8);
        var reader = new Utf8JsonReader(body.IsEmpty ? "{}"u8 : body, Options);
        try
        {
            reader.Read();
            return codec.Read(ref reader);
        }
        catch (JsonException fault)
        {
            throw JsonFaults.Malformed(fault.Message);
        }
    }

    public static void Write(Utf8JsonWriter writer, IMessage message) =>
        MessageCodecs.Of(message.Descriptor).Write(writer, message);
}

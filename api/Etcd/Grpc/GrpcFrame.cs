using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>
/// A message on the wire: a flag (1 = compressed), four bytes of length, the message. Read from the pipe's own memory and written
/// into it, without an array in between.
/// </summary>
internal static class GrpcFrame
{
    public const int HeadBytes = 5;

    /// <summary>Takes a whole message off the front of the buffer; false when it is not all there yet.</summary>
    /// <exception cref="EtcdFault">It is too large, compressed, or no message of this kind.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, MessageParser parser, long bytesMax, out IMessage? message)
    {
        message = null;
        if (buffer.Length < HeadBytes)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[HeadBytes];
        buffer.Slice(0, HeadBytes).CopyTo(head);
        var length = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
        CheckHead(head[0], length, bytesMax);
        if (buffer.Length - HeadBytes < length)
        {
            return false;
        }

        var body = buffer.Slice(HeadBytes, length);
        buffer = buffer.Slice(body.End);
        try
        {
            message = parser.ParseFrom(body);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new EtcdFault(GrpcCode.Internal, $"grpc: error unmarshalling request: {exception.Message}");
        }

        return true;
    }

    /// <returns>Bytes of the message.</returns>
    public static int Write(PipeWriter writer, IMessage message)
    {
        var length = message.CalculateSize();
        var head = writer.GetSpan(HeadBytes);
        head[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], length);
        writer.Advance(HeadBytes);
        message.WriteTo(writer);
        return length;
    }

    private static void CheckHead(byte flag, uint length, long bytesMax)
    {
        if (flag > 1)
        {
            throw new EtcdFault(GrpcCode.Internal, $"grpc: received unexpected payload format {flag}");
        }

        // Calls that announce a compression are refused before this.
        if (flag == 1)
        {
            throw new EtcdFault(GrpcCode.Internal, "grpc: compressed flag set with identity or empty encoding");
        }

        if (length > bytesMax)
        {
            throw new EtcdFault(
                GrpcCode.ResourceExhausted, $"grpc: received message larger than max ({length} vs. {bytesMax})");
        }
    }
}

using System.IO.Pipelines;
using Google.Protobuf;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>
/// The client's side of a call, message by message. Nothing is read ahead: what the handler does not ask for stays in the windows
/// of HTTP/2 and holds the client back. One reader at a time.
/// </summary>
internal sealed class GrpcRequests(PipeReader reader, MessageParser parser, long bytesMax, GrpcCallLife life, GrpcTraffic traffic) : IEtcdRequests
{
    private bool _isAtEnd;

    /// <exception cref="OperationCanceledException">The client is gone, too.</exception>
    public async ValueTask<IMessage?> NextAsync(CancellationToken cancellationToken)
    {
        var token = cancellationToken.CanBeCanceled ? cancellationToken : life.Ended;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(token);
                if (TryTake(read, out var message))
                {
                    return message;
                }
            }
        }
        catch (IOException fault) when (fault is not BadHttpRequestException)
        {
            throw life.FindGone(fault);
        }
    }

    /// <summary>
    /// The one message of a unary call. Waits for the end of the client's side, so that a call that is not what it should be has
    /// no effect.
    /// </summary>
    public async ValueTask<IMessage> OnlyOneAsync()
    {
        var message = await NextAsync(life.Ended) ?? throw new EtcdFault(GrpcCode.Internal, "grpc: a unary call without a message");
        return _isAtEnd || await NextAsync(life.Ended) is null
            ? message
            : throw new EtcdFault(GrpcCode.Internal, "grpc: a unary call with more than one message");
    }

    /// <summary>True with a message, or with null at the end.</summary>
    private bool TryTake(in ReadResult read, out IMessage? message)
    {
        var rest = read.Buffer;
        var examined = rest.End;
        try
        {
            if (GrpcFrame.TryRead(ref rest, parser, bytesMax, out message))
            {
                // What is behind it was not looked at: it may be the next message, whole.
                examined = rest.Start;

                // Usually the client's end came with its message, which saves a second look.
                _isAtEnd = read.IsCompleted && rest.IsEmpty;
                traffic.AddReceived(read.Buffer.Length - rest.Length - GrpcFrame.HeadBytes);
                return true;
            }

            return read.IsCompleted
                && (rest.IsEmpty ? true : throw new EtcdFault(GrpcCode.Internal, "grpc: the call ended inside a message"));
        }
        finally
        {
            reader.AdvanceTo(rest.Start, examined);
        }
    }
}

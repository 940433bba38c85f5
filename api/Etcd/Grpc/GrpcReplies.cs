using System.IO.Pipelines;
using Google.Protobuf;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>
/// Our side of a call. Each message of a stream goes out at once; sending waits while the client's windows are full, so a slow
/// client costs one message and not a queue of them. One sender at a time.
/// </summary>
internal sealed class GrpcReplies(PipeWriter writer, GrpcCallLife life, GrpcTraffic traffic) : IEtcdReplies
{
    /// <summary>Up to here a reply is left to the server, which sends it and the status at one go.</summary>
    private const int LargeBytes = 1 << 20;

    /// <summary>A client that takes a large reply more slowly than this holds memory for nothing.</summary>
    private const int BytesPerSecondMin = 16 * 1024;

    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private int _bytesWaiting;

    /// <summary>Something was written, whether or not it was sent.</summary>
    public bool HasMessages { get; private set; }

    /// <summary>So much waits to be sent that somebody should see to it that it goes.</summary>
    public bool IsLarge => _bytesWaiting > LargeBytes;

    public async ValueTask SendAsync(IMessage message, CancellationToken cancellationToken)
    {
        life.Ended.ThrowIfCancellationRequested();
        Write(message);
        var flushed = await writer.FlushAsync(cancellationToken.CanBeCanceled ? cancellationToken : life.Ended);
        _bytesWaiting = 0;
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw life.FindGone();
        }
    }

    /// <summary>Writes without sending: the end of the call does that.</summary>
    public void Write(IMessage message)
    {
        HasMessages = true;
        var bytes = GrpcFrame.Write(writer, message);
        _bytesWaiting += bytes;
        traffic.AddSent(bytes);
    }

    /// <summary>Sends what waits; false when the client did not take it in a time in which anybody could.</summary>
    public async ValueTask<bool> IsTakenAsync(TimeProvider time)
    {
        using var patience = new CancellationTokenSource(Grace + TimeSpan.FromSeconds(_bytesWaiting / BytesPerSecondMin), time);
        try
        {
            await writer.FlushAsync(patience.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

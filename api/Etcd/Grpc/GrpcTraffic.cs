namespace RestKv.Api.Etcd.Grpc;

/// <summary>Bytes of messages that came and went. Added to by calls, read by whoever asks.</summary>
internal sealed class GrpcTraffic
{
    private long _received;
    private long _sent;

    public long Received => Volatile.Read(ref _received);

    public long Sent => Volatile.Read(ref _sent);

    public void AddReceived(long bytes) => Interlocked.Add(ref _received, bytes);

    public void AddSent(long bytes) => Interlocked.Add(ref _sent, bytes);
}

namespace RestKv.Api.Peers;

/// <summary>What went to and came from one peer. Added to by its connections, read by whoever asks.</summary>
internal sealed class PeerCounters
{
    private long _bytesSent;
    private long _bytesReceived;
    private long _messagesSent;
    private long _messagesReceived;
    private long _connects;
    private long _losses;
    private long _snapshotBytesSent;

    public long BytesSent => Volatile.Read(ref _bytesSent);

    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    public long MessagesSent => Volatile.Read(ref _messagesSent);

    public long MessagesReceived => Volatile.Read(ref _messagesReceived);

    public long Connects => Volatile.Read(ref _connects);

    public long Losses => Volatile.Read(ref _losses);

    public long SnapshotBytesSent => Volatile.Read(ref _snapshotBytesSent);

    public void Sent(int messages, int bytes)
    {
        Interlocked.Add(ref _messagesSent, messages);
        Interlocked.Add(ref _bytesSent, bytes);
    }

    public void Received(int bytes)
    {
        Interlocked.Increment(ref _messagesReceived);
        Interlocked.Add(ref _bytesReceived, bytes);
    }

    public void Connected() => Interlocked.Increment(ref _connects);

    public void Lost() => Interlocked.Increment(ref _losses);

    public void SnapshotSent(int bytes) => Interlocked.Add(ref _snapshotBytesSent, bytes);
}

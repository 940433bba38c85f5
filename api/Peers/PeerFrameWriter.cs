using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>Many messages, one write: a buffer of frames that is used again. Owned by the task that writes the connection.</summary>
internal sealed class PeerFrameWriter
{
    private const int BufferBytesMin = 64 << 10;
    private const int BufferBytesKept = 4 << 20;
    private byte[] _buffer = new byte[BufferBytesMin];
    private int _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>False for a message that no reader would take.</summary>
    public bool TryAdd(in Message message)
    {
        var payloadBytes = MessageCodec.Measure(message);
        if (payloadBytes > PeerFrame.PayloadBytesMax)
        {
            return false;
        }

        var frame = Reserve(PeerFrame.HeadBytes + payloadBytes);
        MessageCodec.Encode(message, frame[PeerFrame.HeadBytes..]);
        PeerFrame.Seal(frame);
        return true;
    }

    public void Add(ReadOnlySpan<byte> payload)
    {
        var frame = Reserve(PeerFrame.HeadBytes + payload.Length);
        payload.CopyTo(frame[PeerFrame.HeadBytes..]);
        PeerFrame.Seal(frame);
    }

    public void Clear()
    {
        _length = 0;
        if (_buffer.Length > BufferBytesKept)
        {
            _buffer = new byte[BufferBytesMin];
        }
    }

    private Span<byte> Reserve(int bytes)
    {
        var needed = checked(_length + bytes);
        if (needed > _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Max(needed, Math.Min(2L * _buffer.Length, BufferBytesKept)));
        }

        var frame = _buffer.AsSpan(_length, bytes);
        _length = needed;
        return frame;
    }
}

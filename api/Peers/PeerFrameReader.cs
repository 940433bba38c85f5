namespace RestKv.Api.Peers;

/// <summary>
/// Takes frames off a connection into one buffer that is used again. It grows only with bytes that have really come, never
/// with what a length announces, and goes back after a large frame. Owned by the task that reads the connection.
/// </summary>
internal sealed class PeerFrameReader(Stream stream)
{
    private const int BufferBytesMin = 64 << 10;
    private const int BufferBytesKept = 4 << 20;
    private byte[] _buffer = new byte[BufferBytesMin];
    private int _start;
    private int _end;
    private int _frame;

    /// <summary>Why <see cref="ReadAsync"/> said false; none when the connection ended between two frames.</summary>
    public PeerFault Fault { get; private set; }

    /// <summary>The frame read last, intact. Valid until the next read.</summary>
    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(_start, _frame)[PeerFrame.HeadBytes..];

    /// <summary>Bytes of the frame read last, its head included.</summary>
    public int FrameBytes => _frame;

    /// <summary>Whether bytes have come that are behind the frame read last.</summary>
    public bool HasMore => _start + _frame < _end;

    /// <summary>False at the end of the connection and at the first bytes that are no frame.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        _start += _frame;
        _frame = 0;
        while (!TryTake())
        {
            if (Fault != PeerFault.None)
            {
                return false;
            }

            MakeRoom();
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
            {
                Fault = _end > _start ? PeerFault.EndedInFrame : PeerFault.None;
                return false;
            }

            _end += count;
        }

        return true;
    }

    private bool TryTake()
    {
        var present = _buffer.AsSpan(_start, _end - _start);
        if (present.Length < PeerFrame.HeadBytes)
        {
            return false;
        }

        var length = PeerFrame.Measure(present);
        if (length == 0)
        {
            Fault = PeerFault.BadLength;
            return false;
        }

        if (present.Length < length)
        {
            return false;
        }

        if (!PeerFrame.IsIntact(present[..length]))
        {
            Fault = PeerFault.BadChecksum;
            return false;
        }

        _frame = length;
        return true;
    }

    /// <summary>Room for at least one byte behind what is there.</summary>
    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length > BufferBytesKept)
            {
                _buffer = new byte[BufferBytesMin];
            }
        }
        else if (_end == _buffer.Length)
        {
            // The frame is longer than what is free: to the front with it, and into twice the space if it began there.
            var present = _buffer.AsSpan(_start, _end - _start);
            var into = _start > 0 ? _buffer : new byte[Math.Min(2L * _buffer.Length, PeerFrame.HeadBytes + (long)PeerFrame.PayloadBytesMax)];
            present.CopyTo(into);
            (_buffer, _start, _end) = (into, 0, present.Length);
        }
    }
}

using System.Threading.Channels;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>
/// What waits to be written to one peer. Closed while there is no connection: a message to nobody is lost, as on any network.
/// Bounded by count and bytes: the newest is taken and the oldest goes, because consensus repeats what still matters.
/// Filled by the replica thread, emptied by the task that writes.
/// </summary>
internal sealed class PeerOutbox(int messagesMax, long bytesMax)
{
    // A lock and not a queue: room is made by dropping from the other end, which a queue for one reader does not allow.
    private readonly Lock _gate = new();
    private readonly Queue<(Message Message, int Bytes)> _waiting = new();

    // Rings once for any number of messages; the reader continues on the pool, never on the thread that fills.
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private long _bytes;
    private long _dropped;
    private long _lost;
    private bool _isOpen;

    /// <summary>Messages that had to go because the peer takes too few.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Messages to nobody: there was no connection, or it broke before they were written.</summary>
    public long Lost => Volatile.Read(ref _lost);

    public void Open()
    {
        lock (_gate)
        {
            _isOpen = true;
        }
    }

    /// <summary>What was not written goes: the next connection begins with what is true then.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isOpen = false;
            Volatile.Write(ref _lost, _lost + _waiting.Count);
            _waiting.Clear();
            _bytes = 0;
        }
    }

    public void Add(in Message message)
    {
        var bytes = PeerFrame.HeadBytes + MessageCodec.Measure(message);
        lock (_gate)
        {
            if (!_isOpen)
            {
                Volatile.Write(ref _lost, _lost + 1);
                return;
            }

            // A message larger than the whole box still goes, alone.
            while (_waiting.Count >= messagesMax || (_waiting.Count > 0 && _bytes + bytes > bytesMax))
            {
                _bytes -= _waiting.Dequeue().Bytes;
                Volatile.Write(ref _dropped, _dropped + 1);
            }

            _waiting.Enqueue((message, bytes));
            _bytes += bytes;
        }

        _bell.Writer.TryWrite(true);
    }

    /// <summary>Moves out what waits, oldest first, up to so many bytes but at least one.</summary>
    public void Take(long upToBytes, List<Message> into)
    {
        lock (_gate)
        {
            var taken = 0L;
            while (_waiting.TryPeek(out var first) && (taken == 0 || taken + first.Bytes <= upToBytes))
            {
                _waiting.Dequeue();
                into.Add(first.Message);
                taken += first.Bytes;
            }

            _bytes -= taken;
        }
    }

    /// <summary>Returns when something was added since the last call; may return for nothing. Only the one reader calls it.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        await _bell.Reader.WaitToReadAsync(cancellationToken);
        _bell.Reader.TryRead(out _);
    }
}

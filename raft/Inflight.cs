namespace RestKv.Raft;

/// <summary>
/// The appends sent to one follower and not yet acknowledged, as a window bounded by messages and by bytes, so that a
/// slow follower costs the leader a known amount of memory. A ring of (last index, bytes), oldest first.
/// Owned by one <see cref="Progress"/>.
/// </summary>
internal sealed class Inflight(int messagesMax, int bytesMax)
{
    private const int InitialCapacity = 8;

    private (long Last, int Bytes)[] _ring = new (long, int)[Math.Min(InitialCapacity, messagesMax)];
    private int _head;

    public int Count { get; private set; }

    /// <summary>Payload bytes in the window; may pass the limit by one message.</summary>
    public long Bytes { get; private set; }

    public bool Full => Count >= messagesMax || Bytes >= bytesMax;

    /// <summary>Notes a message whose last entry is <paramref name="last"/>.</summary>
    public void Add(LogIndex last, int bytes)
    {
        Invariant.Check(!Full);
        if (Count == _ring.Length)
        {
            Grow();
        }

        _ring[(_head + Count) % _ring.Length] = (last.Value, bytes);
        Count++;
        Bytes += bytes;
    }

    /// <summary>An acknowledgement of <paramref name="index"/> covers every message that ends at or below it.</summary>
    public void FreeUpTo(LogIndex index)
    {
        while (Count > 0 && _ring[_head].Last <= index.Value)
        {
            Bytes -= _ring[_head].Bytes;
            _head = (_head + 1) % _ring.Length;
            Count--;
        }

        Invariant.Check(Bytes >= 0);
    }

    public void Clear()
    {
        _head = 0;
        Count = 0;
        Bytes = 0;
    }

    private void Grow()
    {
        var larger = new (long, int)[Math.Min(messagesMax, _ring.Length * 2)];
        for (var i = 0; i < Count; i++)
        {
            larger[i] = _ring[(_head + i) % _ring.Length];
        }

        _ring = larger;
        _head = 0;
    }
}

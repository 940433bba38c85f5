using RestKv.Raft;

namespace RestKv.Core.Watch;

/// <summary>
/// What waits for one live watcher: a bounded queue of references. One writer (the hub) and one reader (the cursor), which
/// may be different threads. Whole revisions become visible at once, so that a reader always knows which event is the last
/// of its revision. It serves one live period: after <see cref="Close"/> the cursor reads history and gets a new ring later.
/// </summary>
internal sealed class EventRing(WatchLimits limits, RingBudget? budget = null)
{
    private readonly WatchLimits _limits = limits;
    private readonly RingBudget? _budget = budget;

    // Of the writer.
    private Segment? _tail;
    private long _written;
    private long _writtenBytes;
    private long _publishedBytes;
    private long _openRevision;

    // Of the reader.
    private Segment? _head;

    // Written by one side, read by the other.
    private Segment? _first;
    private long _published;
    private long _closedAt;
    private long _read;
    private long _readBytes;

    /// <summary>0 while live; else the first revision that is not in the ring. Read it before looking for more events.</summary>
    public long ClosedAt => Volatile.Read(ref _closedAt);

    /// <summary>Writer: adds an event; false when there is no room, and then the ring is closed at its revision.</summary>
    public bool Push(WatchEvent item)
    {
        Invariant.Check(_closedAt == 0 && item.Revision >= _openRevision);
        if (item.Revision != _openRevision)
        {
            Publish();
            _openRevision = item.Revision;
        }

        var waiting = _written - Volatile.Read(ref _read);
        var waitingBytes = _writtenBytes - Volatile.Read(ref _readBytes);
        var isFull = waiting > 0 && (waiting >= _limits.RingEventsMax || waitingBytes + item.Weight > _limits.RingBytesMax);
        if (isFull || _budget is { } shared && !shared.HasRoom(item.Weight))
        {
            Close(item.Revision);
            return false;
        }

        Append(item);
        _writtenBytes += item.Weight;
        _budget?.Enter(item.Weight);
        return true;
    }

    /// <summary>
    /// Writer: the revisions pushed so far are complete and may be read. In a closed ring what is left is the beginning of
    /// the revision that did not fit, which history will tell whole.
    /// </summary>
    public void Publish()
    {
        if (_closedAt == 0 && _written != _published)
        {
            _publishedBytes = _writtenBytes;
            Volatile.Write(ref _published, _written);
        }
    }

    /// <summary>Writer: nothing from this revision on will come. What was pushed of that revision is never seen.</summary>
    public void Close(long revision)
    {
        Invariant.Check(_closedAt == 0 && revision > 0);
        _budget?.Forget(_writtenBytes - _publishedBytes);
        Volatile.Write(ref _closedAt, revision);
    }

    /// <summary>Writer: the reader is gone, and what waits here will never be read.</summary>
    public void Abandon() =>
        _budget?.Forget((_closedAt == 0 ? _writtenBytes : _publishedBytes) - Volatile.Read(ref _readBytes));

    /// <summary>Reader: the next event; false when there is none now.</summary>
    /// <param name="endsRevision">True when it is the last of its revision for this watcher.</param>
    public bool TryPop(out WatchEvent? item, out bool endsRevision)
    {
        var available = Volatile.Read(ref _published) - _read;
        if (available == 0)
        {
            item = null;
            endsRevision = false;
            return false;
        }

        var at = (int)(_read & (Segment.Size - 1));
        if (at == 0)
        {
            _head = _read == 0 ? Volatile.Read(ref _first) : Invariant.NotNull(_head).Next;
        }

        var segment = Invariant.NotNull(_head);
        item = Invariant.NotNull(segment.Items[at]);

        // An idle watcher must not keep what it has sent alive.
        segment.Items[at] = null;
        Volatile.Write(ref _readBytes, _readBytes + item.Weight);
        Volatile.Write(ref _read, _read + 1);
        _budget?.Leave(item.Weight);
        endsRevision = available == 1 || segment.After(at).Revision != item.Revision;
        return true;
    }

    private void Append(WatchEvent item)
    {
        var at = (int)(_written & (Segment.Size - 1));
        if (at == 0)
        {
            var segment = new Segment();
            if (_tail is null)
            {
                Volatile.Write(ref _first, segment);
            }
            else
            {
                _tail.Next = segment;
            }

            _tail = segment;
        }

        Invariant.NotNull(_tail).Items[at] = item;
        _written++;
    }

    private sealed class Segment
    {
        public const int Size = 16;

        public readonly WatchEvent?[] Items = new WatchEvent?[Size];

        /// <summary>Set before anything in the next segment is published.</summary>
        public Segment? Next;

        /// <summary>The event after the one at a place; it must have been published.</summary>
        public WatchEvent After(int at) => Invariant.NotNull(at + 1 < Size ? Items[at + 1] : Invariant.NotNull(Next).Items[0]);
    }
}

using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>The segments of the live log, oldest first. The thread of the log appends, retention takes from the front.</summary>
internal sealed class WalSegmentList(IEnumerable<WalSegment> segments)
{
    private readonly List<WalSegment> _segments = [.. segments];

    // A lock and not a queue: it is held for a list operation once in a segment's life.
    private readonly Lock _gate = new();

    public void Add(WalSegment segment)
    {
        lock (_gate)
        {
            Invariant.Check(_segments.Count == 0 || _segments[^1].Sequence + 1 == segment.Sequence);
            _segments.Add(segment);
        }
    }

    public WalSegment[] ToArray()
    {
        lock (_gate)
        {
            return [.. _segments];
        }
    }

    public void RemoveFirst(WalSegment segment)
    {
        lock (_gate)
        {
            Invariant.Check(_segments.Count > 1);
            Invariant.Check(_segments[0] == segment);
            _segments.RemoveAt(0);
        }
    }
}

using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Watch;

/// <summary>An event and whether the watcher's position moves over its revision with it.</summary>
public readonly record struct WatchBatchItem(WatchEvent Event, bool EndsRevision);

/// <summary>What one turn of a cursor hands out. Owned by the reader and used again for every turn.</summary>
public sealed class WatchBatch
{
    private readonly List<WatchBatchItem> _events = [];
    private readonly List<KeyValue> _snapshot = [];

    public IReadOnlyList<WatchBatchItem> Events => _events;

    /// <summary>Keys of the state before the events; a turn has either these or events.</summary>
    public IReadOnlyList<KeyValue> Snapshot => _snapshot;

    /// <summary>Keys and values in this turn, in bytes.</summary>
    public long Weight { get; private set; }

    public bool IsEmpty => _events.Count == 0 && _snapshot.Count == 0;

    public void Clear()
    {
        _events.Clear();
        _snapshot.Clear();
        Weight = 0;
    }

    internal void Add(WatchEvent item, bool endsRevision)
    {
        _events.Add(new(item, endsRevision));
        Weight += item.Weight;
    }

    internal void Add(in KeyValue item)
    {
        _snapshot.Add(item);
        Weight += item.Key.Length + item.Value.Length;
    }

    /// <summary>No more of this revision matches: if its last matching event is in this turn, the revision ends with it.</summary>
    internal void EndRevision(long revision)
    {
        if (_events.Count > 0 && _events[^1].Event.Revision == revision)
        {
            _events[^1] = _events[^1] with { EndsRevision = true };
        }
    }

    /// <summary>Takes back the last event if it is of this revision.</summary>
    internal WatchEvent? TakeLastOf(long revision)
    {
        if (_events.Count == 0 || _events[^1].Event.Revision != revision)
        {
            return null;
        }

        var last = _events[^1].Event;
        _events.RemoveAt(_events.Count - 1);
        Weight -= last.Weight;
        return last;
    }

    internal bool IsOver(WatchLimits limits, int scanned, int factor) => scanned >= (long)limits.TurnScan * factor
        || _events.Count + _snapshot.Count >= (long)limits.TurnEvents * factor
        || Weight >= limits.TurnBytes * factor;

    internal void CheckEmpty() => Invariant.Check(IsEmpty);
}

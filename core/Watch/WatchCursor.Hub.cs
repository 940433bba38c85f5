using RestKv.Raft;

namespace RestKv.Core.Watch;

/// <summary>The side of a cursor that belongs to the hub and its thread.</summary>
public sealed partial class WatchCursor
{
    private static readonly EventRing Refusal = new(WatchLimits.Default);

    private EventRing? _pushRing;

    /// <summary>The last one that was handed to the reader, who may not have emptied it. Only with a budget to settle.</summary>
    private EventRing? _givenRing;
    private long _floor;
    private long _lastChange;
    private bool _isTouched;
    private bool _isRemoved;
    private RangeIndex<WatchCursor>.Entry[] _entries = [];

    internal bool IsLive => _pushRing is not null;

    /// <summary>Where the hub has to start to close the gap. Read by the hub between the reader's request and its answer.</summary>
    internal long JoinFrom => _next;

    internal bool IsRemoved => _isRemoved;

    /// <summary>Place among the live cursors.</summary>
    internal int LivePlace { get; set; }

    internal EventRing StartLive(RangeIndex<WatchCursor> index, int place)
    {
        Invariant.Check(!IsLive && !_isRemoved);
        _pushRing = new EventRing(_limits, _budget);
        _givenRing = _budget is null ? null : _pushRing;
        _floor = _next;
        _lastChange = 0;
        _entries = new RangeIndex<WatchCursor>.Entry[Filter.Parts.Length];
        for (var i = 0; i < _entries.Length; i++)
        {
            _entries[i] = index.Add(Filter.Parts[i], this);
        }

        LivePlace = place;
        return _pushRing;
    }

    internal void StopLive(RangeIndex<WatchCursor> index)
    {
        foreach (var entry in _entries)
        {
            index.Remove(entry);
        }

        _entries = [];
        _pushRing = null;
    }

    /// <summary>Answers the reader: this is the ring of its next live period.</summary>
    internal void Answer(EventRing ring) => Volatile.Write(ref _answer, ring);

    /// <summary>Answers the reader: it must read on in history.</summary>
    internal void Refuse() => Volatile.Write(ref _answer, Refusal);

    /// <summary>True when the change is new to this cursor: with several ranges the index may name it more than once.</summary>
    internal bool Accepts(long changeNumber, long revision, bool isDelete)
    {
        if (_lastChange == changeNumber || revision < _floor || !Filter.Wants(isDelete))
        {
            return false;
        }

        _lastChange = changeNumber;
        return true;
    }

    /// <summary>False when the ring was full: the cursor is to be taken off the index.</summary>
    internal bool Push(WatchEvent item) => Invariant.NotNull(_pushRing).Push(item);

    /// <summary>True for the first of several calls until <see cref="PublishPushed"/>.</summary>
    internal bool Touch()
    {
        var first = !_isTouched;
        _isTouched = true;
        return first;
    }

    internal void PublishPushed()
    {
        _isTouched = false;
        _pushRing?.Publish();
    }

    internal void CloseRing(long revision) => Invariant.NotNull(_pushRing).Close(revision);

    /// <summary>The reader reads no more, from before the hub was asked on.</summary>
    internal void MarkRemoved()
    {
        _isRemoved = true;
        _givenRing?.Abandon();
        _givenRing = null;
    }

    internal int Limit => _limits.JoinRevisionsMax;
}

using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Watch;

/// <summary>
/// Gives each change to the cursors that want it, and to no others: a watch costs only its own events. Owned by one thread;
/// cursors are read by others through their rings. Cursors that are not live cost nothing here.
/// </summary>
public sealed class WatchHub(ReadView initial)
{
    private readonly RangeIndex<WatchCursor> _index = new();
    private readonly List<WatchCursor> _live = [];
    private readonly List<WatchCursor> _matched = [];
    private readonly List<WatchCursor> _woken = [];
    private long _changeNumber;

    public WatchFeed Feed { get; } = new(initial);

    /// <summary>Cursors that events are pushed to.</summary>
    public int LiveCount => _live.Count;

    /// <summary>Times a ring was full, over all cursors ever.</summary>
    public long Demotions { get; private set; }

    /// <summary>Cursors with something to read since the last <see cref="ClearWoken"/>; a cursor may be named twice.</summary>
    public IReadOnlyList<WatchCursor> Woken => _woken;

    public void ClearWoken() => _woken.Clear();

    /// <summary>
    /// Goes on to a newer state and hands out what changed in between. Views may be skipped: the newest one tells all.
    /// </summary>
    public void Advance(ReadView view)
    {
        var from = Feed.View.Revision + 1;
        Invariant.Check(view.Revision >= from - 1);
        if (_live.Count > 0 && view.Revision >= from)
        {
            if (WatchCursor.IsReadable(view, from))
            {
                Match(view, from);
            }
            else
            {
                // Compaction overtook the hub itself: each finds out alone.
                DemoteAll(from);
            }
        }

        Feed.View = view;
    }

    /// <summary>
    /// Goes on to a state that did not grow out of the one before but was received as a whole: every cursor reads on in its
    /// history by itself, from exactly where it is, and learns there if its place is gone.
    /// </summary>
    public void Reset(ReadView view)
    {
        var from = Feed.View.Revision + 1;
        Invariant.Check(view.Revision >= from - 1);
        if (!Defects.Has(Defect.SkipWatchReset))
        {
            DemoteAll(from);
        }

        Feed.View = view;
    }

    /// <summary>
    /// Answers a cursor whose last turn was <see cref="WatchTurn.Join"/>: from here on its events are pushed, beginning with
    /// those between its position and now, so nothing is left out and nothing comes twice.
    /// </summary>
    public void Join(WatchCursor cursor)
    {
        if (cursor.IsRemoved)
        {
            return;
        }

        var view = Feed.View;
        var from = cursor.JoinFrom;
        var near = view.Revision - from < cursor.Limit && WatchCursor.IsReadable(view, from);
        if (near || from > view.Revision)
        {
            // The answer comes last: a reader that had the ring before the gap is filled would take it for empty.
            var ring = cursor.StartLive(_index, _live.Count);
            _live.Add(cursor);
            Fill(cursor, view, from);
            ring.Publish();
            cursor.Answer(ring);
        }
        else
        {
            cursor.Refuse();
        }

        _woken.Add(cursor);
    }

    /// <summary>The watch is over: nothing is pushed any more. May be called for any cursor, also twice.</summary>
    public void Remove(WatchCursor cursor)
    {
        cursor.MarkRemoved();
        if (cursor.IsLive)
        {
            Unlist(cursor);
        }
    }

    /// <summary>
    /// Lets go of the shared events of the past. To be called now and then: an event keeps the memory block alive that its
    /// previous value lies in, long after compaction has moved everything else out.
    /// </summary>
    public void Forget() => Feed.Recent.Clear();

    private void Match(ReadView view, long from)
    {
        var firstWoken = _woken.Count;
        var changes = view.Changes(from);
        while (_live.Count > 0 && changes.MoveNext())
        {
            MatchOne(changes);
        }

        for (var i = firstWoken; i < _woken.Count; i++)
        {
            _woken[i].PublishPushed();
        }
    }

    private void MatchOne(ChangeCursor changes)
    {
        // Only the bytes of the key are looked at until somebody wants the change.
        var record = changes.Record;
        _changeNumber++;
        _matched.Clear();
        _index.Collect(record.KeySpan, _matched);
        WatchEvent? shared = null;
        foreach (var cursor in _matched)
        {
            if (cursor.IsLive && cursor.Accepts(_changeNumber, record.Header.ModRevision, record.Header.IsDeletion))
            {
                shared ??= Feed.Recent.For(changes.Current);
                Give(cursor, shared);
            }
        }
    }

    private void Give(WatchCursor cursor, WatchEvent item)
    {
        if (cursor.Touch())
        {
            _woken.Add(cursor);
        }

        if (!cursor.Push(item))
        {
            Demote(cursor);
        }
    }

    /// <summary>What the cursor has not seen of the state that the hub has.</summary>
    private void Fill(WatchCursor cursor, ReadView view, long from)
    {
        if (from > view.Revision || Defects.Has(Defect.LoseEventOnJoin))
        {
            return;
        }

        var changes = view.Changes(from);
        while (cursor.IsLive && changes.MoveNext())
        {
            var record = changes.Record;
            if (cursor.Filter.Matches(record.KeySpan, record.Header.IsDeletion)
                && !cursor.Push(Feed.Recent.For(changes.Current)))
            {
                Demote(cursor);
            }
        }
    }

    private void DemoteAll(long from)
    {
        foreach (var cursor in _live)
        {
            cursor.CloseRing(from);
            cursor.StopLive(_index);
            _woken.Add(cursor);
        }

        Demotions += _live.Count;
        _live.Clear();
    }

    private void Demote(WatchCursor cursor)
    {
        Demotions++;
        Unlist(cursor);
    }

    private void Unlist(WatchCursor cursor)
    {
        Invariant.Check(_live[cursor.LivePlace] == cursor);
        var last = _live[^1];
        _live[cursor.LivePlace] = last;
        last.LivePlace = cursor.LivePlace;
        _live.RemoveAt(_live.Count - 1);
        cursor.StopLive(_index);
    }
}

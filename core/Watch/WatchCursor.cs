using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Watch;

/// <summary>
/// One watcher's place in the history. It reads history by itself in bounded turns (catching up) until it is at the end;
/// then the hub pushes to its ring (live). A reader that is too slow for its ring reads history again from where the ring
/// ended, so it never loses an event and never holds up anyone. The reading side (<see cref="Read"/>,
/// <see cref="Position"/>) belongs to one owner at a time; the hub's side is marked.
/// </summary>
public sealed partial class WatchCursor
{
    private readonly WatchFeed _feed;
    private readonly WatchLimits _limits;
    private readonly RingBudget? _budget;

    private Phase _phase;

    /// <summary>Everything wanted below this revision has been handed out; and of this one the changes below the next field.</summary>
    private long _next;
    private int _nextSub;

    /// <summary>The last wanted event of a turn that ended inside a revision: sent when it is known whether another follows it.</summary>
    private WatchEvent? _held;
    private SnapshotReader? _snapshot;
    private EventRing? _ring;

    /// <summary>Given by the hub, taken by the reader: the ring to read from, or a refusal.</summary>
    private EventRing? _answer;

    /// <param name="from">First revision wanted; may be in the future. Without meaning with a snapshot.</param>
    /// <param name="snapshot">Begin with this state, and go on with what came after it.</param>
    /// <param name="budget">What the rings of all cursors with the same reader may hold together.</param>
    public WatchCursor(
        WatchFeed feed,
        WatchFilter filter,
        long from,
        ReadView? snapshot = null,
        WatchLimits? limits = null,
        RingBudget? budget = null)
    {
        Invariant.Check(from > 0);
        _feed = feed;
        _limits = limits ?? WatchLimits.Default;
        _budget = budget;
        _next = from;
        Filter = filter;
        Position = from - 1;
        _snapshot = snapshot is null ? null : new SnapshotReader(snapshot, filter);
        BeginsAtHead = snapshot is null && from > feed.View.Revision;
        _phase = snapshot is not null ? Phase.Snapshot : BeginsAtHead ? Phase.Joining : Phase.CatchingUp;
    }

    private enum Phase : byte
    {
        Snapshot = 0,
        CatchingUp = 1,
        Joining = 2,
        Live = 3,
        Compacted = 4,
    }

    public WatchFilter Filter { get; }

    /// <summary>Whatever its owner needs to find its own side when the hub names the cursor.</summary>
    public object? Owner { get; init; }

    /// <summary>
    /// Every wanted event up to this revision has been handed out: what a bookmark may say (I25). Known from what was read,
    /// never from a clock. Without meaning before a snapshot is complete.
    /// </summary>
    public long Position { get; private set; }

    /// <summary>
    /// There is no history to read first: the owner asks the hub to <see cref="WatchHub.Join"/> at once, so that not even a
    /// compaction of everything written so far can come in between.
    /// </summary>
    public bool BeginsAtHead { get; }

    /// <summary>True while the hub pushes, or is about to.</summary>
    public bool IsAtHead => _phase is Phase.Joining or Phase.Live;

    /// <summary>True until the snapshot asked for is complete.</summary>
    public bool IsInSnapshot => _phase == Phase.Snapshot;

    /// <summary>Keys handed out by the last snapshot.</summary>
    public long SnapshotCount { get; private set; }

    /// <summary>Times the ring was full.</summary>
    public long Demotions { get; private set; }

    /// <summary>One bounded turn: fills an empty batch with what comes next.</summary>
    public WatchTurn Read(WatchBatch batch)
    {
        batch.CheckEmpty();
        return _phase switch
        {
            Phase.Snapshot => ReadSnapshot(batch),
            Phase.CatchingUp => ReadHistory(batch),
            Phase.Joining => TakeAnswer(batch),
            Phase.Live => ReadRing(batch),
            _ => WatchTurn.Compacted,
        };
    }

    /// <summary>After <see cref="WatchTurn.Compacted"/>: begins anew with a snapshot of the newest state.</summary>
    public void Restart()
    {
        Invariant.Check(_phase == Phase.Compacted);
        _phase = Phase.Snapshot;
        _snapshot = new SnapshotReader(_feed.View, Filter);
        _held = null;
        SnapshotCount = 0;
    }

    private WatchTurn ReadSnapshot(WatchBatch batch)
    {
        var snapshot = Invariant.NotNull(_snapshot);
        var done = snapshot.Read(batch, _feed.View, _limits);
        SnapshotCount += batch.Snapshot.Count;
        if (!done)
        {
            return WatchTurn.More;
        }

        Position = snapshot.Revision;
        _next = Position + 1;
        _nextSub = 0;
        _snapshot = null;
        _phase = Phase.CatchingUp;
        return WatchTurn.SnapshotDone;
    }

    private WatchTurn ReadHistory(WatchBatch batch)
    {
        var view = _feed.View;
        if (_next > view.Revision)
        {
            // The hub may already be further when it gets to the answer: it fills the gap, or refuses.
            _phase = Phase.Joining;
            return WatchTurn.Join;
        }

        if (!IsReadable(view, _next))
        {
            _phase = Phase.Compacted;
            return WatchTurn.Compacted;
        }

        if (!TryReadKey(batch, view))
        {
            ReadLog(batch, view);
        }

        return WatchTurn.More;
    }

    private void ReadLog(WatchBatch batch, ReadView view)
    {
        if (_held is { } held)
        {
            batch.Add(held, endsRevision: false);
            _held = null;
        }

        var changes = view.Changes(_next);
        var scanned = 0;
        while (changes.MoveNext())
        {
            // The change itself, with the value before it, is looked up only when it is wanted.
            var record = changes.Record;
            var revision = record.Header.ModRevision;
            scanned++;
            if (revision == _next && record.Header.SubRevision < _nextSub)
            {
                continue;
            }

            if (Filter.Matches(record.KeySpan, record.Header.IsDeletion))
            {
                batch.Add(_feed.Recent.For(changes.Current), endsRevision: Defects.Has(Defect.SplitRevision));
            }

            if ((record.Header.Flags & RecordFlags.LastOfRevision) != 0)
            {
                batch.EndRevision(revision);
                MoveTo(revision);
                if (batch.IsOver(_limits, scanned, factor: 1))
                {
                    return;
                }
            }
            else if (batch.IsOver(_limits, scanned, _limits.HardFactor))
            {
                Position = revision - 1;
                _next = revision;
                _nextSub = record.Header.SubRevision + 1;
                _held = batch.TakeLastOf(revision);
                return;
            }
        }

        // Revisions without changes at the end of the view are done with, too.
        MoveTo(view.Revision);
    }

    private WatchTurn TakeAnswer(WatchBatch batch)
    {
        var answer = Volatile.Read(ref _answer);
        if (answer is null)
        {
            return WatchTurn.Idle;
        }

        _answer = null;
        if (answer == Refusal)
        {
            _phase = Phase.CatchingUp;
            return WatchTurn.More;
        }

        _ring = answer;
        _phase = Phase.Live;
        return ReadRing(batch);
    }

    private WatchTurn ReadRing(WatchBatch batch)
    {
        // 1. The hub sets its view after pushing and closing, so this order of reading proves what an empty ring means.
        var ring = Invariant.NotNull(_ring);
        var view = _feed.View;
        var closedAt = ring.ClosedAt;

        // 2. Whole revisions until the turn is full.
        while (ring.TryPop(out var item, out var endsRevision))
        {
            batch.Add(Invariant.NotNull(item), endsRevision);
            if (endsRevision)
            {
                MoveTo(item.Revision);
                if (batch.IsOver(_limits, scanned: 0, factor: 1))
                {
                    return WatchTurn.More;
                }
            }
        }

        // 3. The ring is empty: what the hub has seen is what this watcher has seen, unless it was demoted on the way.
        if (closedAt == 0)
        {
            MoveTo(view.Revision);
            return WatchTurn.Idle;
        }

        MoveTo(Defects.Has(Defect.LoseEventOnDemotion) ? closedAt : closedAt - 1);
        _ring = null;
        _phase = Phase.CatchingUp;
        Demotions++;
        return WatchTurn.More;
    }

    private void MoveTo(long revision)
    {
        if (revision >= _next)
        {
            Position = Defects.Has(Defect.BookmarkTooFar) ? revision + 1 : revision;
            _next = revision + 1;
            _nextSub = 0;
        }
    }

    /// <summary>History is whole from the compacted revision itself on (its own changes are kept).</summary>
    internal static bool IsReadable(ReadView view, long revision) => revision >= view.CompactedRevision;
}

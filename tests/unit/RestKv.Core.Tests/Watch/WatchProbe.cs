using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Watch;

namespace RestKv.Core.Tests.Watch;

/// <summary>
/// One watcher under test: drives a cursor as a stream does and checks after every turn that what it was given is exactly
/// what the naive model says, no more, no less, in order, with the ends of revisions and the bookmarks right (I20 to I26).
/// </summary>
internal sealed class WatchProbe
{
    private readonly WatchHistory _history;
    private readonly WatchHub _hub;
    private readonly List<WatchRange> _ranges;
    private readonly WatchTypes _types;
    private readonly WatchBatch _batch = new();
    private readonly List<KeyValue> _snapshot = [];
    private List<ModelChange> _expected = [];
    private long _from;
    private int _seen;

    public WatchProbe(
        WatchHistory history,
        WatchHub hub,
        List<WatchRange> ranges,
        WatchTypes types,
        long from,
        ReadView? snapshot,
        WatchLimits limits,
        RingBudget? budget = null)
    {
        _history = history;
        _hub = hub;
        _ranges = ranges;
        _types = types;
        _from = from;
        Cursor = new WatchCursor(hub.Feed, new WatchFilter(ranges, types), from, snapshot, limits, budget) { Owner = this };
        WantsJoin = Cursor.BeginsAtHead;
    }

    public WatchCursor Cursor { get; }

    public bool WantsJoin { get; set; }

    /// <summary>The hub has named the cursor, or its last turn asked for another.</summary>
    public bool IsAwake { get; set; } = true;

    public bool IsCompacted { get; private set; }

    public int EventsSeen => _seen;

    public void Turn()
    {
        IsAwake = false;
        var next = Cursor.Position + 1;
        var turn = Cursor.Read(_batch);
        _snapshot.AddRange(_batch.Snapshot);
        Refresh();
        TakeEvents();
        _batch.Clear();
        switch (turn)
        {
            case WatchTurn.More:
                IsAwake = true;
                break;
            case WatchTurn.Join:
                WantsJoin = true;
                break;
            case WatchTurn.SnapshotDone:
                CheckSnapshot();
                IsAwake = true;
                break;
            case WatchTurn.Compacted:
                Assert.True(next < _hub.Feed.View.CompactedRevision, "told compacted though its place was readable");
                IsCompacted = true;
                break;
            default:
                break;
        }

        CheckBookmark();
    }

    public void Restart()
    {
        Assert.True(IsCompacted);
        IsCompacted = false;
        IsAwake = true;
        _snapshot.Clear();
        Cursor.Restart();
    }

    /// <summary>Everything wanted has come and the bookmark of one more turn says so.</summary>
    public void CheckComplete()
    {
        Turn();
        Assert.False(IsAwake || WantsJoin);
        Assert.Equal(_expected.Count, _seen);
        Assert.Equal(Math.Max(_hub.Feed.View.Revision, _from - 1), Cursor.Position);
    }

    private void TakeEvents()
    {
        foreach (var (item, endsRevision) in _batch.Events)
        {
            Assert.True(_seen < _expected.Count, "an event that nobody asked for");
            var expected = _expected[_seen++];
            Assert.Equal((expected.Revision, expected.Sub), (item.Revision, item.Change.SubRevision));
            Assert.Equal(expected.Key, item.Change.KeyValue.Key.ToArray());
            Assert.Equal(expected.IsDelete, item.Change.IsDelete);
            Assert.Equal(expected.Value, item.Change.KeyValue.Value.ToArray());
            if (item.Change.Previous is { } previous)
            {
                Assert.Equal(expected.Previous, previous.Value.ToArray());
            }
            else
            {
                // Absent only when there was none or compaction has taken it.
                Assert.True(expected.Previous is null || expected.Revision <= _history.CompactedRevision);
            }

            var isLast = _seen == _expected.Count || _expected[_seen].Revision > expected.Revision;
            Assert.True(isLast == endsRevision, $"id of an event: {endsRevision}; last of its revision: {isLast}");
        }
    }

    private void CheckBookmark()
    {
        if (Cursor.IsInSnapshot)
        {
            return;
        }

        var position = Cursor.Position;
        var upTo = _expected.Count(change => change.Revision <= position);
        Assert.True(upTo <= _seen, $"bookmark {position} before its events");
        Assert.True(position <= Math.Max(_hub.Feed.View.Revision, _from - 1), "bookmark ahead of the store");
        Assert.True(_expected.Take(_seen).All(change => change.Revision <= position + 1 || change.Revision == _expected[_seen - 1].Revision));
    }

    private void CheckSnapshot()
    {
        var revision = Cursor.Position;
        var expected = _history.StateAt(revision)
            .Where(pair => WatchRandom.WantsKey(_ranges, Convert.FromHexString(pair.Key)))
            .Select(pair => $"{pair.Key}={Convert.ToHexString(pair.Value)}");
        Assert.Equal(expected, _snapshot.Select(
            item => $"{Convert.ToHexString(item.Key.Span)}={Convert.ToHexString(item.Value.Span)}"));
        Assert.Equal(_snapshot.Count, Cursor.SnapshotCount);
        _from = revision + 1;
        _seen = 0;
        _expected = [];
        Refresh();
    }

    private void Refresh() => _expected = _history.Changes
        .Where(change => change.Revision >= _from && WatchRandom.Wants(_ranges, _types, change.Key, change.IsDelete))
        .ToList();
}

using RestKv.Core.Mvcc;
using RestKv.Core.Watch;
using RestKv.Raft;
using RestKv.Simulator.Clients;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Cluster;

/// <summary>What the dispatcher of watches and the streams do.</summary>
internal sealed partial class NodeLife
{
    private readonly List<WatchSession> _sessions = [];
    private WatchHub? _hub;
    private bool _isDispatchDue;
    private bool _isResetDue;

    /// <summary>Calls and watches that are not over, and cursors that events are pushed to.</summary>
    public int HeldForClients => _calls.Count + _sessions.Count + (_hub?.LiveCount ?? 0);

    /// <summary>Opens a watch; false while the process cannot serve yet.</summary>
    public bool TryOpenWatch(WatchSession session, WatchFilter filter, long from)
    {
        if (_hub is not { } hub)
        {
            return false;
        }

        var view = hub.Feed.View;
        var first = from == 0 ? view.Revision + 1 : from;
        if (first < view.CompactedRevision)
        {
            session.Compacted(view.CompactedRevision);
            return true;
        }

        var sometimes = _simulation.Sometimes;
        sometimes.HitIf(first > view.Revision + 1, "watch from a future revision");
        sometimes.HitIf(first <= view.Revision, "watch from a past revision");
        sometimes.HitIf(first == view.CompactedRevision, "watch from the floor of history");
        sometimes.HitIf(Current is { Raft.Role: RaftRole.Learner }, "watch on a learner");
        _sessions.Add(session);
        var cursor = new WatchCursor(hub.Feed, filter, first, limits: _simulation.Options.WatchLimits) { Owner = session };
        session.Begin(cursor);
        session.Opened(view.Revision, first);
        if (cursor.BeginsAtHead)
        {
            Later(Soon(), () => Join(session, cursor));
        }

        Later(Soon(), () => TakeTurn(session));
        return true;
    }

    public void CloseWatch(WatchSession session)
    {
        _sessions.Remove(session);
        if (session.Cursor is { } cursor)
        {
            _hub?.Remove(cursor);
        }
    }

    private void StartWatches(ReadView view) => _hub = new WatchHub(view);

    /// <summary>Another thread's work: views may be skipped, the newest tells all.</summary>
    private void DispatchWatches(bool isReset)
    {
        _isResetDue |= isReset;
        if (!_isDispatchDue)
        {
            _isDispatchDue = true;
            Later(Soon(), Dispatch);
        }
    }

    private void Dispatch()
    {
        _isDispatchDue = false;
        var hub = Invariant.NotNull(_hub);
        var view = Invariant.NotNull(Current).View;
        if (_isResetDue)
        {
            _isResetDue = false;
            hub.Reset(view);
        }
        else
        {
            hub.Advance(view);
        }

        WakeAll(hub);
        if (_random.OneIn(50))
        {
            hub.Forget();
        }
    }

    private void WakeAll(WatchHub hub)
    {
        foreach (var cursor in hub.Woken.ToArray())
        {
            var session = (WatchSession)Invariant.NotNull(cursor.Owner);
            Later(Soon(), () => TakeTurn(session));
        }

        hub.ClearWoken();
    }

    private void TakeTurn(WatchSession session)
    {
        if (!session.IsOpen || session.Cursor is not { } cursor)
        {
            return;
        }

        // A reader that takes nothing: its turn comes when it reads again.
        if (session.StalledUntil > _simulation.Scheduler.Now)
        {
            _simulation.Sometimes.Hit("watch that takes nothing for a while");
            Later(session.StalledUntil - _simulation.Scheduler.Now, () => TakeTurn(session));
            return;
        }

        session.Batch.Clear();
        var demotions = cursor.Demotions;
        var isLive = cursor.IsAtHead;
        var turn = cursor.Read(session.Batch);
        var sometimes = _simulation.Sometimes;
        sometimes.HitIf(cursor.Demotions > demotions, "watch demoted");
        sometimes.HitIf(!isLive && session.Batch.Events.Count > 0, "watch caught up from history");
        session.SendBatch();
        switch (turn)
        {
            case WatchTurn.More:
                Later(Soon(), () => TakeTurn(session));
                break;
            case WatchTurn.Join:
                Later(Soon(), () => Join(session, cursor));
                break;
            case WatchTurn.Compacted:
                CloseWatch(session);
                session.Compacted(Invariant.NotNull(_hub).Feed.View.CompactedRevision);
                break;
            default:
                session.MaybeBookmark(cursor.Position);
                break;
        }
    }

    private void Join(WatchSession session, WatchCursor cursor)
    {
        if (session.IsOpen)
        {
            var hub = Invariant.NotNull(_hub);
            hub.Join(cursor);
            WakeAll(hub);
        }
    }

    private long Soon() => _random.Between(1, 400) * Time.Microsecond;
}

using RestKv.Api.Watch;
using RestKv.Core.Watch;

namespace RestKv.Api.Etcd.Watches;

/// <summary>One watch of a session. All but <see cref="Wake"/> belongs to the session's reader.</summary>
internal sealed class SessionWatch : ICursorOwner
{
    private readonly WatchSession _session;
    private int _isQueued;

    public SessionWatch(WatchSession session, long id, WatchOrder order, WatchFeed feed, WatchLimits limits, RingBudget budget)
    {
        _session = session;
        Id = id;
        Order = order;
        Cursor = new WatchCursor(feed, order.Filter, order.From, limits: limits, budget: budget) { Owner = this };
    }

    /// <summary>Unique on its stream, while the watch lasts.</summary>
    public long Id { get; }

    public WatchOrder Order { get; }

    public WatchCursor Cursor { get; }

    /// <summary>Whether it may still show what it watches.</summary>
    public required IWatchGuard Guard { get; init; }

    /// <summary>Something was sent since the last time that silent watches were told their place.</summary>
    public bool HasSpoken { get; set; }

    /// <summary>Its client has been told of the end: not another word.</summary>
    public bool IsOver { get; set; }

    /// <summary>Asks for a turn; any thread may. Asking again before the turn has begun costs nothing.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _isQueued, 1) == 0)
        {
            _session.Enqueue(this);
        }
    }

    /// <summary>From here on a wake-up asks for another turn: what came before it will be seen by this one.</summary>
    public void BeginTurn() => Interlocked.Exchange(ref _isQueued, 0);
}

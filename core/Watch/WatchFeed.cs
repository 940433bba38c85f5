using RestKv.Core.Mvcc;

namespace RestKv.Core.Watch;

/// <summary>
/// What the hub shares with its cursors, which other threads may read: the state up to which every live cursor has been
/// given its events. It is set after the events were, so who sees a revision here finds all events up to it in its ring.
/// </summary>
public sealed class WatchFeed(ReadView initial)
{
    private ReadView _view = initial;

    public ReadView View
    {
        get => Volatile.Read(ref _view);
        internal set => Volatile.Write(ref _view, value);
    }

    internal RecentEvents Recent { get; } = new();
}

using RestKv.Core.Mvcc;

namespace RestKv.Core.Watch;

/// <summary>
/// The newest small events, so that watchers who read the same history (a herd that reconnects) share objects and encodings
/// with each other and with the live ones. A cache and no more: an entry is always what the history says, so writes from
/// several threads may overtake each other without harm.
/// </summary>
public sealed class RecentEvents
{
    private const int Slots = 1_024;

    /// <summary>Larger events are not kept, which bounds the cache to a few MiB.</summary>
    private const int WeightMax = 4 << 10;

    private readonly WatchEvent?[] _slots = new WatchEvent?[Slots];

    /// <summary>The event of a change: the shared one when there is one, else a new one that is shared from now on.</summary>
    public WatchEvent For(in Change change)
    {
        ref var slot = ref _slots[(change.KeyValue.ModRevision + change.SubRevision) & (Slots - 1)];
        var found = Volatile.Read(ref slot);
        if (found is not null
            && found.Revision == change.KeyValue.ModRevision && found.Change.SubRevision == change.SubRevision)
        {
            return found;
        }

        var made = new WatchEvent(change);
        if (made.Weight <= WeightMax)
        {
            Volatile.Write(ref slot, made);
        }

        return made;
    }

    /// <summary>Lets go of all events, and with them of the memory that their keys and values lie in.</summary>
    public void Clear()
    {
        for (var i = 0; i < Slots; i++)
        {
            Volatile.Write(ref _slots[i], null);
        }
    }
}

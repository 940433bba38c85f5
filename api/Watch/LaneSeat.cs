using RestKv.Core.Watch;

namespace RestKv.Api.Watch;

/// <summary>Someone with one cursor who takes turns on a lane.</summary>
internal interface ILaneClient : IWatchClient
{
    WatchCursor Cursor { get; }

    LaneSeat Seat { get; }

    void IWatchClient.Wake() => Seat.Wake();

    /// <summary>Called by the lane alone, one turn at a time: after <see cref="LaneSeat.Wake"/> and when a deadline has come.</summary>
    void TakeTurn(WatchLane lane, long nowMs);
}

/// <summary>A client's place on its lane: whether it waits for a turn, and where on the wheel its deadline hangs.</summary>
internal sealed class LaneSeat(WatchLane lane, ILaneClient client) : ICursorOwner
{
    private int _isQueued;

    public WatchLane Lane { get; } = lane;

    public ILaneClient Client { get; } = client;

    /// <summary>Of the wheel.</summary>
    public LaneSeat? Next { get; set; }

    /// <summary>Of the wheel.</summary>
    public LaneSeat? Previous { get; set; }

    /// <summary>Of the wheel; negative when no deadline is set.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Asks for a turn; any thread may. Asking again before the turn has begun costs nothing.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _isQueued, 1) == 0)
        {
            Lane.Enqueue(this);
        }
    }

    /// <summary>From here on a wake-up asks for another turn: what came before it will be seen by this one.</summary>
    public void BeginTurn() => Interlocked.Exchange(ref _isQueued, 0);
}

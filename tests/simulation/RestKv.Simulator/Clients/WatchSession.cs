using RestKv.Checkers.Watch;
using RestKv.Core.Watch;
using RestKv.Raft;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Clients;

/// <summary>One connection of a watcher: frames leave the member in order and arrive in order, until it breaks.</summary>
internal sealed class WatchSession(Simulation simulation, SimulationRandom random, Action<WatchSession, WatchFrame> onFrame)
{
    private const long BookmarkEvery = 300 * Time.Millisecond;
    private long _lastArrival;
    private long _lastBookmark;
    private long _lastId;

    public WatchCursor? Cursor { get; private set; }

    public WatchBatch Batch { get; } = new();

    /// <summary>The member still serves it.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The client still listens.</summary>
    public bool IsListening { get; private set; } = true;

    public long StalledUntil { get; set; }

    public void Begin(WatchCursor cursor)
    {
        Cursor = cursor;
        IsOpen = true;
    }

    public void Opened(long revision, long from)
    {
        _lastId = from - 1;
        _lastBookmark = simulation.Scheduler.Now;
        Send(at => new WatchFrame.Open(at, revision, from));
    }

    public void SendBatch()
    {
        foreach (var item in Batch.Events)
        {
            var change = item.Event.Change;
            _lastId = item.EndsRevision ? item.Event.Revision : _lastId;
            Send(at => new WatchFrame.Event(at, change, item.EndsRevision));
        }
    }

    /// <summary>As the stream does: from time to time, and only if the id says less than the cursor knows.</summary>
    public void MaybeBookmark(long position)
    {
        if (position > _lastId && simulation.Scheduler.Now - _lastBookmark >= BookmarkEvery)
        {
            _lastId = position;
            _lastBookmark = simulation.Scheduler.Now;
            simulation.Sometimes.Hit("bookmark sent");
            Send(at => new WatchFrame.Progress(at, position));
        }
    }

    public void Compacted(long floor)
    {
        IsOpen = false;
        Send(at => new WatchFrame.Compacted(at, floor));
    }

    /// <summary>The member's end broke: what is on its way still arrives, then the end.</summary>
    public void Break()
    {
        IsOpen = false;
        Send(at => new WatchFrame.Closed(at, "broken"));
    }

    /// <summary>The client hangs up: nothing arrives any more.</summary>
    public void HangUp()
    {
        Invariant.Check(IsListening);
        IsListening = false;
        IsOpen = false;
    }

    private void Send(Func<long, WatchFrame> make)
    {
        var arrival = Math.Max(_lastArrival, simulation.Scheduler.Now + (random.LongTailed(20, 100, 1, 20_000) * Time.Microsecond));
        _lastArrival = arrival;
        simulation.Scheduler.After(arrival - simulation.Scheduler.Now, () =>
        {
            if (IsListening)
            {
                onFrame(this, make(arrival));
            }
        });
    }
}

using System.Collections.Concurrent;
using RestKv.Core.Watch;

namespace RestKv.Api.Watch;

/// <summary>
/// Works off the turns of its share of the streams, one after the other, on at most one pool thread at a time. A batch for a
/// thousand streams wakes as many threads as there are lanes, not a thousand tasks. What is public here may be called from
/// any thread; the rest belongs to the running turn.
/// </summary>
internal sealed class WatchLane(WatchDispatcher dispatcher, WatchOptions options) : IThreadPoolWorkItem
{
    /// <summary>After this many turns the thread goes back to the pool, so that requests get theirs.</summary>
    private const int TurnsPerRun = 256;

    private readonly ConcurrentQueue<LaneSeat> _ready = new();
    private readonly List<LaneSeat> _due = [];
    private int _isScheduled;
    private int _isTickDue;
    private long _sent;

    public WatchDispatcher Dispatcher { get; } = dispatcher;

    /// <summary>Of the running turn.</summary>
    public DeadlineWheel Wheel { get; } = new((long)options.Tick.TotalMilliseconds);

    /// <summary>Of the running turn: what its cursor hands out.</summary>
    public WatchBatch Batch { get; } = new();

    /// <summary>Of the running turn.</summary>
    public WatchEventJson Json { get; } = new();

    /// <summary>Events given to outputs; written by running turns, read by anyone.</summary>
    public long Sent
    {
        get => Volatile.Read(ref _sent);
        set => Volatile.Write(ref _sent, value);
    }

    public void Enqueue(LaneSeat seat)
    {
        _ready.Enqueue(seat);
        Schedule();
    }

    /// <summary>Looks at the deadlines.</summary>
    public void Tick()
    {
        Volatile.Write(ref _isTickDue, 1);
        Schedule();
    }

    void IThreadPoolWorkItem.Execute()
    {
        var turns = 0;
        while (true)
        {
            if (Interlocked.Exchange(ref _isTickDue, 0) == 1)
            {
                WakeDue();
            }

            while (_ready.TryDequeue(out var seat))
            {
                seat.BeginTurn();
                seat.Client.TakeTurn(this, Dispatcher.NowMs);
                if (++turns == TurnsPerRun)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                    return;
                }
            }

            // Whoever enqueues after this schedules anew; whoever did before is seen by the look that follows.
            Interlocked.Exchange(ref _isScheduled, 0);
            if ((_ready.IsEmpty && Volatile.Read(ref _isTickDue) == 0) || Interlocked.Exchange(ref _isScheduled, 1) == 1)
            {
                return;
            }
        }
    }

    private void WakeDue()
    {
        Wheel.Advance(Dispatcher.NowMs, _due);
        foreach (var seat in _due)
        {
            seat.Wake();
        }

        _due.Clear();
    }

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _isScheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}

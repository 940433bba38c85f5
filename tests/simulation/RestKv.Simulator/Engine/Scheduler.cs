namespace RestKv.Simulator.Engine;

/// <summary>
/// Virtual time: whatever happens is an action at a nanosecond, and of two at the same one the first scheduled goes first.
/// There is nothing else that could order anything, so a seed tells it all.
/// </summary>
internal sealed class Scheduler
{
    private readonly PriorityQueue<Action, (long Time, long Sequence)> _queue = new();
    private long _sequence;

    /// <summary>Nanoseconds since the run began.</summary>
    public long Now { get; private set; }

    public long Executed { get; private set; }

    public void After(long delay, Action action) => _queue.Enqueue(action, (Now + Math.Max(0, delay), _sequence++));

    /// <summary>Runs until a moment; what is due later stays.</summary>
    public void RunUntil(long end)
    {
        while (_queue.TryPeek(out _, out var due) && due.Time <= end)
        {
            var action = _queue.Dequeue();
            Now = due.Time;
            Executed++;
            action();
        }

        Now = end;
    }
}

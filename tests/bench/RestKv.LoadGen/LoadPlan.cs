using System.Diagnostics;

namespace RestKv.LoadGen;

/// <summary>When the connections of one run measure, when they stop, and which key comes next. Shared by their threads.</summary>
internal sealed class LoadPlan(LoadOptions options)
{
    private volatile bool _isStopped;
    private int _next;

    /// <summary>Calls begun before this time are not counted.</summary>
    public long MeasureFrom { get; private set; }

    public bool IsStopped => _isStopped;

    public void Begin() => MeasureFrom = options.Count > 0
        ? 0
        : Stopwatch.GetTimestamp() + (long)(options.WarmupSeconds * Stopwatch.Frequency);

    public void Stop() => _isStopped = true;

    /// <summary>The key of the next call; null when there is to be none.</summary>
    public int? NextKey(Random random)
    {
        if (_isStopped)
        {
            return null;
        }

        if (options.Count == 0)
        {
            return random.Next(options.Keys);
        }

        var number = Interlocked.Increment(ref _next) - 1;
        if (number >= options.Count)
        {
            return null;
        }

        return options.Operation == "fill" ? number % options.Keys : random.Next(options.Keys);
    }
}

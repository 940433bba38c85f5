using System.Threading.Tasks.Sources;

namespace RestKv.Api.Watch;

/// <summary>
/// Wakes one reader that awaits work. Any thread sets it, one at a time waits, and a wait that finds it set goes on at once: so
/// work that was made visible before <see cref="Set"/> is always seen. Waiting allocates nothing.
/// </summary>
internal sealed class WakeSignal : IValueTaskSource
{
    private const int Unset = 0;
    private const int IsSet = 1;
    private const int Waiting = 2;

    // The reader goes on in the pool: who sets it, often for many readers in a row, does not do their work.
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _state;

    public void Set()
    {
        if (Interlocked.Exchange(ref _state, IsSet) == Waiting)
        {
            _core.SetResult(true);
        }
    }

    /// <summary>May return for nothing.</summary>
    public ValueTask WaitAsync()
    {
        _core.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Unset) == Unset)
        {
            return new ValueTask(this, _core.Version);
        }

        Interlocked.Exchange(ref _state, Unset);
        return ValueTask.CompletedTask;
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token)
    {
        _core.GetResult(token);
        Interlocked.Exchange(ref _state, Unset);
    }
}

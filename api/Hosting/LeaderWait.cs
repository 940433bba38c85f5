using RestKv.Raft;

namespace RestKv.Api.Hosting;

/// <summary>
/// Lets requests that came while nobody leads wait out an election instead of being refused. Patience is counted from the
/// loss of the leader and not from the request: a member that has been without one for longer refuses at once. Written by the
/// replica thread, awaited by requests.
/// </summary>
internal sealed class LeaderWait(TimeProvider time)
{
    private volatile State _state = new(time.GetTimestamp());
    private volatile bool _isOver;

    /// <summary>How long after the loss of a leader requests are held.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Called with every publication.</summary>
    public void Published(NodeId leader)
    {
        var isKnown = _state.Known.Task.IsCompleted;
        if (!leader.IsNone && !isKnown)
        {
            _state.Known.TrySetResult();
        }
        else if (leader.IsNone && isKnown)
        {
            _state = new State(time.GetTimestamp());
        }
    }

    /// <summary>Nobody waits any more: the member stops, and says so to each.</summary>
    public void End()
    {
        _isOver = true;
        _state.Known.TrySetResult();
    }

    /// <summary>True when a leader is known now or soon enough; false at once when patience is over.</summary>
    public async ValueTask<bool> WaitAsync(TimeSpan timeout)
    {
        var state = _state;
        if (_isOver || state.Known.Task.IsCompleted)
        {
            return true;
        }

        var left = Patience - time.GetElapsedTime(state.LostAt);
        left = left < timeout ? left : timeout;
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        try
        {
            await state.Known.Task.WaitAsync(left, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private sealed record State(long LostAt)
    {
        public TaskCompletionSource Known { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

namespace RestKv.Http.Tests.Watch;

/// <summary>The system's clock, whose timers fire in the moment they are made: as when the thread that made one then stood still.</summary>
internal sealed class EagerClock : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        callback(state);
        return base.CreateTimer(callback, state, dueTime, period);
    }
}

namespace RestKv.Testing;

/// <summary>
/// Time that passes more slowly for the product than for the machine. A server under test keeps the timeouts and lifetimes of
/// its contract, and a machine that stands still for some seconds is still no reason for it to give up a request or a lease.
/// The time of day is the real one.
/// </summary>
public sealed class SlowTime(int factor) : TimeProvider
{
    private readonly long _start = System.GetTimestamp();

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => _start + ((System.GetTimestamp() - _start) / factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new SlowTimer(System.CreateTimer(callback, state, Slow(dueTime), Slow(period)), this);

    private TimeSpan Slow(TimeSpan time) => time > TimeSpan.Zero ? time * factor : time;

    private sealed class SlowTimer(ITimer timer, SlowTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(time.Slow(dueTime), time.Slow(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}

namespace RestKv.Api.Hosting;

/// <summary>
/// Numbers the requests of one start, upwards. Not from 1: a directory that went back, or a new one, may repeat the number of a
/// start, and an entry of that other start must never be taken for a request of this one. Callable from any thread.
/// </summary>
/// <param name="life">Drawn by the start. Half of the numbers are left for counting.</param>
internal sealed class RequestNumbers(long life)
{
    private long _last = life & (long.MaxValue >> 1);

    /// <summary>Above zero: the numbers below are those of the member's own commands.</summary>
    public long Next() => Interlocked.Increment(ref _last);
}

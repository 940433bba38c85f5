namespace RestKv.Api.Hosting;

/// <summary>
/// Wakes one thread that sleeps until there is work. Ringing costs a read while the thread is awake; sleeping does not
/// spin: on a machine with few cores a spinning thread takes the time of those it waits for (SemaphoreSlim spent a quarter
/// of all CPU on it at 64 connections).
/// </summary>
internal sealed class Doorbell : IDisposable
{
    private readonly AutoResetEvent _bell = new(false);
    private int _isSleeping;

    /// <summary>To be called after the work was made visible. Any thread.</summary>
    public void Ring()
    {
        // The full barrier keeps this look from passing the caller's enqueue.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isSleeping) == 1 && Interlocked.Exchange(ref _isSleeping, 0) == 1)
        {
            _bell.Set();
        }
    }

    /// <summary>Sleeps unless there is work already; may wake for nothing. Only the one thread.</summary>
    public void Sleep(Func<bool> hasWork, int timeoutMs)
    {
        Interlocked.Exchange(ref _isSleeping, 1);
        if (!hasWork())
        {
            _bell.WaitOne(timeoutMs);
        }

        Interlocked.Exchange(ref _isSleeping, 0);
    }

    public void Dispose() => _bell.Dispose();
}

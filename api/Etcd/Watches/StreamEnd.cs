using RestKv.Api.Watch;

namespace RestKv.Api.Etcd.Watches;

/// <summary>
/// How a stream that watches comes to its end: the client goes, or the member asks it to go. The reader looks at it between two
/// answers; an answer that a slow client does not take is cut off, a while after the member asked.
/// </summary>
internal sealed class StreamEnd : IDisposable
{
    private readonly CancellationTokenSource _cut;
    private readonly CancellationTokenRegistration _aborted;
    private readonly EtcdCall _call;
    private readonly WakeSignal _signal;
    private readonly TimeSpan _grace;

    // The dispatcher may ask in the very moment in which the stream ends by itself: the lock keeps it from setting the timer of
    // a source that is disposed. A queue would need somebody to read it after the end.
    private readonly Lock _gate = new();
    private bool _isOver;
    private int _reason;

    /// <param name="signal">Set whenever there is something new to look at.</param>
    public StreamEnd(EtcdCall call, WakeSignal signal, TimeProvider time, TimeSpan grace)
    {
        _call = call;
        _signal = signal;
        _grace = grace;
        _cut = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _aborted = call.Aborted.UnsafeRegister(static state => ((StreamEnd)state!).CutOff(), this);
    }

    /// <summary>Cancelled when nothing more can be sent or read.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <summary>What the client is told; null while the member did not ask the stream to end.</summary>
    public EtcdFault? Fault => (WatchClosing)Volatile.Read(ref _reason) switch
    {
        WatchClosing.None => null,
        WatchClosing.LeaderLost => EtcdFaults.NoLeader(),
        WatchClosing.Diverged => WatchFaults.Diverged(),
        _ => EtcdFaults.Stopped(),
    };

    /// <summary>Any thread. A missing leader ends only streams of clients that said they want one.</summary>
    public void Close(WatchClosing reason)
    {
        if ((reason == WatchClosing.LeaderLost && !_call.RequiresLeader)
            || Interlocked.CompareExchange(ref _reason, (int)reason, (int)WatchClosing.None) != (int)WatchClosing.None)
        {
            return;
        }

        lock (_gate)
        {
            if (!_isOver)
            {
                _cut.CancelAfter(_grace);
            }
        }

        _signal.Set();
    }

    public void ThrowIfOver()
    {
        _call.Aborted.ThrowIfCancellationRequested();
        if (Fault is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Nothing is read any more.</summary>
    public void CutOff()
    {
        _cut.Cancel();
        _signal.Set();
    }

    public void Dispose()
    {
        _aborted.Dispose();
        lock (_gate)
        {
            _isOver = true;
            _cut.Dispose();
        }
    }
}

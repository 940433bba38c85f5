using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>
/// Why and when a call ends before its handler does: the client has gone, its time is over, or this member stops. Owned by the
/// call. The source of the token is used again when nothing happened, which is nearly always.
/// </summary>
[SuppressMessage("Usage", "CA2213", Justification = "Used again, or left to whoever is about to cancel it; see Dispose.")]
internal sealed class GrpcCallLife : IDisposable
{
    private const int PoolMax = 1024;
    private static readonly ConcurrentQueue<CancellationTokenSource> Pool = new();

    private readonly CancellationTokenSource _ending;
    private readonly CancellationTokenRegistration _clientGone;
    private readonly CancellationTokenRegistration _stopping;
    private readonly CancellationToken _stop;
    private readonly CancellationToken _gone;
    private readonly bool _isPooled;
    private volatile bool _isFoundGone;

    /// <param name="timeout">What the client gave it.</param>
    /// <param name="stop">This member wants the call to end.</param>
    /// <param name="gone">The client's request was cut off.</param>
    public GrpcCallLife(TimeSpan? timeout, TimeProvider time, CancellationToken stop, CancellationToken gone)
    {
        (_gone, _stop) = (gone, stop);

        // Only timers of the system's clock can be taken back for sure.
        _isPooled = timeout is null || time == TimeProvider.System;
        _ending = !_isPooled ? new CancellationTokenSource(timeout!.Value, time)
            : Pool.TryDequeue(out var pooled) ? pooled
            : new CancellationTokenSource();
        if (_isPooled && timeout is { } left)
        {
            _ending.CancelAfter(left);
        }

        _clientGone = gone.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _ending);
        _stopping = stop.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _ending);
    }

    /// <summary>To be asked only before the end of the call.</summary>
    public CancellationToken Ended => _ending.Token;

    public bool IsClientGone => _isFoundGone || _gone.IsCancellationRequested;

    /// <summary>What a client is told whose call was ended so.</summary>
    public EtcdFault Reason =>
        IsClientGone ? new EtcdFault(GrpcCode.Canceled, "context canceled")
        : _stop.IsCancellationRequested ? new EtcdFault(GrpcCode.Unavailable, "etcdserver: server stopped")
        : _ending.IsCancellationRequested ? new EtcdFault(GrpcCode.DeadlineExceeded, "context deadline exceeded")
        : new EtcdFault(GrpcCode.Canceled, "context canceled");

    /// <summary>
    /// Reading or writing found out that the client is gone, perhaps before the server says so. From here on the token says it too, so
    /// that handlers see one thing and not two. Returns what they are to be ended with.
    /// </summary>
    public OperationCanceledException FindGone(Exception? cause = null)
    {
        _isFoundGone = true;
        _ending.Cancel();
        return new OperationCanceledException("The client is gone.", cause, _ending.Token);
    }

    public void Dispose()
    {
        // A callback that has begun may still be about to cancel: then the source goes to nobody else, and is not disposed under
        // it. Only its timer is stopped, which would keep it alive.
        var isUntouched = _clientGone.Unregister() & _stopping.Unregister();
        if (isUntouched && _isPooled && Pool.Count < PoolMax && _ending.TryReset())
        {
            Pool.Enqueue(_ending);
        }
        else
        {
            _ending.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }
}

using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;
using RestKv.Core.Commands;

namespace RestKv.Api.Hosting;

/// <summary>
/// A request that waits for the replica: an awaitable that is used again. Given out by <see cref="Rent"/>, settled once by the
/// replica thread, awaited once by its request, which then gives it back. One that timed out is never used again,
/// because its completion may still come.
/// </summary>
internal sealed class PendingOperation : IValueTaskSource<SubmitReply>
{
    private const int PoolMax = 4096;
    private static readonly ConcurrentQueue<PendingOperation> Pool = new();
    private ManualResetValueTaskSourceCore<SubmitReply> _core;
    private SubmitReply _reply;

    /// <summary>Monotonic milliseconds after which the replica thread gives up on it.</summary>
    public long DeadlineMs { get; private set; }

    /// <summary>Position in the replica thread's list of outstanding operations; -1 when not in it.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Set when it timed out: a late completion finds nobody. Owned by the replica thread.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>A read barrier or another wait: its timeout says nothing about a write.</summary>
    public bool IsRead { get; private set; }

    public static PendingOperation Rent(long deadlineMs, bool isRead)
    {
        if (!Pool.TryDequeue(out var operation))
        {
            operation = new PendingOperation();
        }

        operation._core.Reset();
        operation.DeadlineMs = deadlineMs;
        operation.IsRead = isRead;
        return operation;
    }

    public ValueTask<SubmitReply> Task => new(this, _core.Version);

    /// <summary>Notes the answer; <see cref="Release"/> wakes the waiter, on a thread of the pool.</summary>
    public void Settle(OperationResult? result, bool replayed) =>
        _reply = new SubmitReply(result ?? Success, replayed);

    public void Release() => _core.SetResult(_reply);

    /// <summary>What a confirmed read barrier answers.</summary>
    public static readonly OperationResult Success = new OperationResult.Kept(0);

    SubmitReply IValueTaskSource<SubmitReply>.GetResult(short token)
    {
        var reply = _core.GetResult(token);
        if (!IsAbandoned && Pool.Count < PoolMax)
        {
            _reply = default;
            Pool.Enqueue(this);
        }

        return reply;
    }

    ValueTaskSourceStatus IValueTaskSource<SubmitReply>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<SubmitReply>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}

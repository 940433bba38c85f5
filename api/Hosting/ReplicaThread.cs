using RestKv.Raft;
using RestKv.Core.Commands;
using RestKv.Core.Replication;

namespace RestKv.Api.Hosting;

/// <summary>
/// The one thread that owns the replica and everything below it: drains the mailbox, lets the replica flush, wakes who was
/// answered, ticks on time, and does the replica's spare-time work when nothing waits.
/// </summary>
internal sealed class ReplicaThread : IDisposable
{
    private const int EventsPerBatchMax = 4096;
    private readonly ReplicaMailbox _mailbox;
    private readonly TimeProvider _time;
    private readonly long _tickMs;
    private readonly Action<Exception> _onFault;
    private readonly Action<TimeSpan> _onApplied;
    private readonly ReplicaEvent[] _batch = new ReplicaEvent[EventsPerBatchMax];
    private readonly List<PendingOperation> _outstanding = [];
    private readonly List<PendingOperation> _settled = [];
    private readonly List<(long Revision, PendingOperation Operation)> _revisionWaits = [];
    private readonly Thread _thread;
    private readonly CancellationTokenSource _ended = new();
    private Replica? _replica;
    private volatile bool _isStopping;
    private long _visibleRevision;
    private bool _hasPublished;

    /// <param name="onApplied">Told how long each batch took that made a new state readable.</param>
    public ReplicaThread(
        ReplicaMailbox mailbox, TimeProvider time, long tickMs, Action<Exception> onFault, Action<TimeSpan> onApplied)
    {
        _onApplied = onApplied;
        _mailbox = mailbox;
        _time = time;
        _tickMs = tickMs;
        _onFault = onFault;
        _thread = new Thread(Run) { IsBackground = true, Name = "replica" };
        Ended = _ended.Token;
    }

    /// <summary>Cancelled when the thread takes nothing from its mailbox any more: who still waits for an answer gets none.</summary>
    public CancellationToken Ended { get; }

    public long NowMs => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Cluster time now. On this thread only.</summary>
    public long ClusterTimeMs => _replica!.ClusterTimeMs(Now());

    public void Start(Replica replica)
    {
        _replica = replica;
        _thread.Start();
    }

    /// <summary>Called by the replica's effects, on this thread.</summary>
    public void Complete(in Completion completion)
    {
        var operation = (PendingOperation)completion.Token;
        if (operation.IsAbandoned)
        {
            return;
        }

        Forget(operation);
        var result = completion.ReadRefused
            ? new OperationResult.NotApplied(NotAppliedReason.NoLeader)
            : completion.Result;
        operation.Settle(result, completion.Replayed);
        _settled.Add(operation);
    }

    /// <summary>Called by the replica's effects, on this thread.</summary>
    public void Published(long revision)
    {
        _hasPublished = true;
        _visibleRevision = revision;
        for (var i = _revisionWaits.Count - 1; i >= 0; i--)
        {
            if (_revisionWaits[i].Revision <= revision)
            {
                var operation = _revisionWaits[i].Operation;
                _revisionWaits.RemoveAt(i);
                if (!operation.IsAbandoned)
                {
                    Forget(operation);
                    operation.Settle(null, false);
                    _settled.Add(operation);
                }
            }
        }
    }

    /// <summary>On this thread (from a query): answers once the revision is visible.</summary>
    public void WaitForRevision(long revision, PendingOperation operation)
    {
        Remember(operation);
        _revisionWaits.Add((revision, operation));
        Published(_visibleRevision);
    }

    public void Stop()
    {
        _isStopping = true;
        _mailbox.Post(ReplicaEvent.Tick());
        if (_thread.IsAlive)
        {
            _thread.Join();
        }
    }

    public void Dispose()
    {
        Stop();
        _ended.Dispose();
    }

    private void Run()
    {
        try
        {
            Loop(_replica!);
        }
        catch (Exception fault)
        {
            // A broken invariant: whatever this thread would do next could be wrong, so the process ends.
            _onFault(fault);
        }
        finally
        {
            _ended.Cancel();
        }
    }

    private void Loop(Replica replica)
    {
        var nextTickMs = NowMs;
        while (!_isStopping)
        {
            // The clock is read when everything that it will be stamped on was taken: a keep-alive with a time before it was
            // sent, because this thread stood still or was busy in between, would let its lease end early.
            var started = _time.GetTimestamp();
            var taken = TakeBatch();
            var now = Now();
            var isTick = now.MonotonicMs >= nextTickMs;
            if (isTick)
            {
                // Ticks that were missed while the process stood still are not made up for: silence was not observed.
                nextTickMs = Math.Max(nextTickMs + _tickMs, now.MonotonicMs + (_tickMs / 2));
                replica.Handle(now, ReplicaEvent.Tick());
                GiveUpOverdue(now.MonotonicMs);
            }

            for (var i = 0; i < taken; i++)
            {
                replica.Handle(now, _batch[i]);
            }

            Array.Clear(_batch, 0, taken);
            if (isTick || taken > 0)
            {
                _hasPublished = false;
                replica.Flush();
                CompletionBatch.Release(_settled);
                if (_hasPublished)
                {
                    _onApplied(_time.GetElapsedTime(started));
                }
            }
            else if (replica.HasIdleWork)
            {
                replica.Idle();
            }
            else
            {
                _mailbox.Wait((int)Math.Clamp(nextTickMs - NowMs, 0, _tickMs));
            }
        }

        AbandonAll();
    }

    /// <summary>What waits in the mailbox, up to a batch, with whom to answer noted.</summary>
    private int TakeBatch()
    {
        var taken = 0;
        while (taken < EventsPerBatchMax && _mailbox.TryTake(out var e))
        {
            if (e.Token is PendingOperation operation)
            {
                Remember(operation);
            }

            _batch[taken++] = e;
        }

        return taken;
    }

    private Moment Now() => new(NowMs, _time.GetUtcNow().ToUnixTimeMilliseconds());

    private void Remember(PendingOperation operation)
    {
        operation.Slot = _outstanding.Count;
        _outstanding.Add(operation);
    }

    private void Forget(PendingOperation operation)
    {
        Invariant.Check(_outstanding[operation.Slot] == operation);
        var last = _outstanding[^1];
        _outstanding[operation.Slot] = last;
        last.Slot = operation.Slot;
        _outstanding.RemoveAt(_outstanding.Count - 1);
        operation.Slot = -1;
    }

    private void GiveUpOverdue(long nowMs)
    {
        for (var i = _outstanding.Count - 1; i >= 0; i--)
        {
            if (_outstanding[i].DeadlineMs <= nowMs)
            {
                GiveUp(_outstanding[i]);
            }
        }

        CompletionBatch.Release(_settled);
    }

    private void GiveUp(PendingOperation operation)
    {
        Forget(operation);
        operation.IsAbandoned = true;
        operation.Settle(new OperationResult.Unknown(), false);
        _settled.Add(operation);
    }

    /// <summary>
    /// What the replica was told of may or may not be applied after the next start; what still waits in the mailbox, or comes
    /// later, never will be.
    /// </summary>
    private void AbandonAll()
    {
        while (_outstanding.Count > 0)
        {
            GiveUp(_outstanding[^1]);
        }

        CompletionBatch.Release(_settled);
        _mailbox.Close();
    }
}

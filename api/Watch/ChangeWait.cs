using RestKv.Core.Watch;

namespace RestKv.Api.Watch;

/// <summary>What a long poll ended with.</summary>
internal enum ChangeWaitOutcome : byte
{
    /// <summary>Something in the range changed, or its history is gone: look again.</summary>
    Changed = 0,
    TimedOut = 1,

    /// <summary>As many watches are open as this member takes.</summary>
    Overloaded = 2,
    ShuttingDown = 3,

    /// <summary>This member's state is not that of the majority.</summary>
    Diverged = 4,
}

/// <summary>One long poll: a cursor that is asked for its first event and then dropped. Belongs to the lane's running turn.</summary>
internal sealed class ChangeWait : ILaneClient
{
    private readonly TaskCompletionSource<ChangeWaitOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WatchDispatcher _dispatcher;
    private readonly long _deadlineMs;
    private bool _isEnded;

    // Set by any thread, read by turns: an outcome and one.
    private int _decided;

    public ChangeWait(WatchDispatcher dispatcher, WatchLane lane, WatchFeed feed, WatchFilter filter, long after, TimeSpan timeout)
    {
        _dispatcher = dispatcher;
        _deadlineMs = dispatcher.NowMs + (long)timeout.TotalMilliseconds;
        Seat = new LaneSeat(lane, this);
        Cursor = new WatchCursor(feed, filter, after + 1, limits: dispatcher.Options.Cursor) { Owner = Seat };
    }

    public LaneSeat Seat { get; }

    public WatchCursor Cursor { get; }

    public Task<ChangeWaitOutcome> Outcome => _done.Task;

    /// <summary>Ends the wait without a change; any thread.</summary>
    public void Leave(ChangeWaitOutcome outcome)
    {
        Interlocked.CompareExchange(ref _decided, 1 + (int)outcome, 0);
        Seat.Wake();
    }

    public void Close(WatchClosing reason) =>
        Leave(reason == WatchClosing.Diverged ? ChangeWaitOutcome.Diverged : ChangeWaitOutcome.ShuttingDown);

    void ILaneClient.TakeTurn(WatchLane lane, long nowMs)
    {
        if (_isEnded)
        {
            return;
        }

        var decided = Volatile.Read(ref _decided);
        if (decided != 0)
        {
            End(lane, (ChangeWaitOutcome)(decided - 1));
            return;
        }

        var batch = lane.Batch;
        var turn = Cursor.Read(batch);
        var hasChange = !batch.IsEmpty;
        batch.Clear();
        if (hasChange || turn == WatchTurn.Compacted)
        {
            End(lane, ChangeWaitOutcome.Changed);
            return;
        }

        if (nowMs >= _deadlineMs)
        {
            End(lane, ChangeWaitOutcome.TimedOut);
            return;
        }

        lane.Wheel.Set(Seat, _deadlineMs);
        if (turn == WatchTurn.Join)
        {
            _dispatcher.Join(Cursor);
        }
        else if (turn == WatchTurn.More)
        {
            Seat.Wake();
        }
    }

    private void End(WatchLane lane, ChangeWaitOutcome outcome)
    {
        _isEnded = true;
        lane.Wheel.Remove(Seat);
        _dispatcher.Closed(this);
        _done.TrySetResult(outcome);
    }
}

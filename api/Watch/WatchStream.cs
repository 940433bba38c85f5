using System.IO.Pipelines;
using RestKv.Core.Mvcc;
using RestKv.Core.Watch;

namespace RestKv.Api.Watch;

/// <summary>
/// One open stream: a cursor, the response it writes to, and the clock that speaks when nothing else does. All of it belongs
/// to the lane's running turn, except for <see cref="Leave"/> and <see cref="Close"/>, which any thread may call.
/// </summary>
internal sealed partial class WatchStream : ILaneClient
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WatchDispatcher _dispatcher;
    private readonly WatchOptions _options;
    private readonly WatchStart _start;
    private readonly PipeWriter _output;
    private readonly IFrameWriter _frames;
    private readonly Action _abort;
    private readonly long _openedMs;
    private readonly long _heartbeatMs;
    private readonly long _progressMs;
    private readonly long _lifeEndsMs;
    private readonly long _credentialEndsMs;

    // Set by any thread, read by turns.
    private int _closing;
    private int _isGone;

    private State _state = State.Opening;
    private int _unflushed;
    private long _lastId;
    private long _lastWriteMs;
    private long _lastProgressMs;
    private bool _wasBehind;

    public WatchStream(
        WatchDispatcher dispatcher, WatchLane lane, WatchStart start, WatchFeed feed, ReadView view, PipeWriter output, Action abort)
    {
        _dispatcher = dispatcher;
        _options = dispatcher.Options;
        _start = start;
        _output = output;
        _abort = abort;
        _frames = start.Format == WatchFormat.EventStream ? SseFrameWriter.Instance : JsonLinesFrameWriter.Instance;
        _openedMs = _lastWriteMs = _lastProgressMs = dispatcher.NowMs;
        _heartbeatMs = (long)start.Heartbeat.TotalMilliseconds;
        _progressMs = (long)start.Progress.TotalMilliseconds;
        _lifeEndsMs = start.MaxLife > TimeSpan.Zero ? _openedMs + (long)start.MaxLife.TotalMilliseconds : long.MaxValue;
        _credentialEndsMs = start.CredentialLife > TimeSpan.Zero
            ? _openedMs + (long)start.CredentialLife.TotalMilliseconds
            : long.MaxValue;
        _lastId = start.From - 1;
        Seat = new LaneSeat(lane, this);
        Cursor = new WatchCursor(feed, start.Filter, start.From, start.Snapshot ? view : null, _options.Cursor) { Owner = Seat };
    }

    private enum State : byte
    {
        Opening = 0,
        Open = 1,

        /// <summary>The last frame is written; the stream ends when it is on its way or when its time is over.</summary>
        Closing = 2,
        Ended = 3,
    }

    public LaneSeat Seat { get; }

    public WatchCursor Cursor { get; }

    /// <summary>Done when the response may be completed: nothing touches it any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Why the stream is to end; none while it is not. Any thread may look.</summary>
    public WatchClosing Closing => (WatchClosing)Volatile.Read(ref _closing);

    /// <summary>The client is gone.</summary>
    public void Leave()
    {
        Volatile.Write(ref _isGone, 1);
        Seat.Wake();
    }

    /// <summary>Ends the stream with a word of farewell; the first reason given is the one told.</summary>
    public void Close(WatchClosing reason)
    {
        Interlocked.CompareExchange(ref _closing, (int)reason, (int)WatchClosing.None);
        Seat.Wake();
    }

    void ILaneClient.TakeTurn(WatchLane lane, long nowMs)
    {
        if (_state == State.Ended)
        {
            return;
        }

        if (IsFlushing())
        {
            WaitLonger(lane, nowMs);
            return;
        }

        if (_outputFailed || Volatile.Read(ref _isGone) == 1)
        {
            End(lane);
            return;
        }

        Step(lane, nowMs);
    }

    private void Step(WatchLane lane, long nowMs)
    {
        if (_state == State.Closing)
        {
            // Its last frame was flushed.
            End(lane);
            return;
        }

        if (_state == State.Opening)
        {
            WriteOpening(lane);
            _state = State.Open;
        }

        NoteEnds(nowMs);
        var closing = Closing;
        var wantsMore = false;
        if (closing != WatchClosing.None)
        {
            WriteClosing(lane, closing);
        }
        else
        {
            wantsMore = Pump(lane);
            if (_state == State.Open)
            {
                SpeakIfSilent(lane, nowMs);
            }
        }

        Flush(lane, nowMs, wantsMore);
    }

    /// <summary>Turns of the cursor until there is enough to flush or nothing more; true when there is more.</summary>
    private bool Pump(WatchLane lane)
    {
        while (_unflushed < _options.FlushBytes)
        {
            var batch = lane.Batch;
            var turn = Cursor.Read(batch);

            // After the events were taken: the rights that were in force when they were written are known by now.
            if (_start.Guard is { } guard && guard.Judge() is var refusal and not WatchClosing.None)
            {
                batch.Clear();
                WriteClosing(lane, refusal);
                return false;
            }

            WriteBatch(lane, batch);
            batch.Clear();
            switch (turn)
            {
                case WatchTurn.Idle:
                    AfterCatchUp(lane);
                    return false;
                case WatchTurn.Join:
                    AfterCatchUp(lane);
                    _dispatcher.Join(Cursor);
                    return false;
                case WatchTurn.SnapshotDone:
                    WriteSynced(lane);
                    break;
                case WatchTurn.Compacted when _start.Resync:
                    WriteReset(lane, "compacted");
                    Cursor.Restart();
                    break;
                case WatchTurn.Compacted:
                    WriteCompacted(lane);
                    return false;
                default:
                    _wasBehind = true;
                    break;
            }
        }

        return true;
    }

    /// <summary>A quiet catch-up moved the client's place without an event to tell it: a bookmark does.</summary>
    private void AfterCatchUp(WatchLane lane)
    {
        if (_wasBehind)
        {
            _wasBehind = false;
            WriteProgressIfNews(lane);
        }
    }

    private void SpeakIfSilent(WatchLane lane, long nowMs)
    {
        var isProgressDue = _lastProgressMs + _progressMs <= nowMs;
        if (isProgressDue || _dispatcher.View.CompactedRevision > _lastId)
        {
            WriteProgressIfNews(lane);
        }

        if (isProgressDue)
        {
            _lastProgressMs = nowMs;
        }

        if (_unflushed == 0 && _lastWriteMs + _heartbeatMs <= nowMs)
        {
            _unflushed += _frames.WriteHeartbeat(_output);
        }
    }

    /// <summary>The ends that come by themselves, and rights that were taken away while nothing happened.</summary>
    private void NoteEnds(long nowMs)
    {
        var reason = _lifeEndsMs <= nowMs ? WatchClosing.MaxLife
            : _credentialEndsMs <= nowMs ? WatchClosing.AuthExpired
            : _start.Guard?.Judge() ?? WatchClosing.None;
        if (reason != WatchClosing.None)
        {
            Interlocked.CompareExchange(ref _closing, (int)reason, (int)WatchClosing.None);
        }
    }

    private void SetDeadline(WatchLane lane)
    {
        var heartbeat = _lastWriteMs + _heartbeatMs;
        var progress = _lastProgressMs + _progressMs;
        lane.Wheel.Set(Seat, Math.Min(Math.Min(heartbeat, progress), Math.Min(_lifeEndsMs, _credentialEndsMs)));
    }

    private void End(WatchLane lane)
    {
        _state = State.Ended;
        lane.Wheel.Remove(Seat);
        _dispatcher.Closed(this);
        _ended.TrySetResult();
    }
}

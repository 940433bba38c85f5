using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;

namespace RestKv.Api.Watch;

/// <summary>How the stream leaves: flushes that wait for a slow reader, and what is done about readers that stall.</summary>
internal sealed partial class WatchStream
{
    private const int NotFlushing = 0;
    private const int Flushing = 1;
    private const int Flushed = 2;
    private const int FlushFailed = 3;

    /// <summary>One of the above: set to flushing by a turn, to an outcome by the flush, back by the next turn.</summary>
    private int _flushState;

    /// <summary>The flush that is waited for; over before <see cref="Ended"/> is.</summary>
    private Task _flush = Task.CompletedTask;
    private long _flushStartedMs;
    private long _closeDeadlineMs;
    private bool _outputFailed;

    private bool IsFlushing()
    {
        var state = Volatile.Read(ref _flushState);
        if (state == Flushing)
        {
            return true;
        }

        _outputFailed |= state == FlushFailed;
        _flushState = NotFlushing;
        return false;
    }

    [SuppressMessage("Usage", "VSTHRD002", Justification = "The flush is over when its result is read.")]
    private void Flush(WatchLane lane, long nowMs, bool wantsMore)
    {
        if (_unflushed > 0)
        {
            _unflushed = 0;
            _lastWriteMs = nowMs;
            var flush = _output.FlushAsync(CancellationToken.None);
            if (!flush.IsCompletedSuccessfully)
            {
                _flushState = Flushing;
                _flushStartedMs = nowMs;
                _flush = WaitForFlushAsync(flush);
                WaitLonger(lane, nowMs);
                return;
            }

            if (flush.Result.IsCompleted || _state == State.Closing)
            {
                End(lane);
                return;
            }
        }

        SetDeadline(lane);
        if (wantsMore)
        {
            // Behind the others: a stream with much to send does not hold up the rest of its lane.
            Seat.Wake();
        }
    }

    /// <summary>The only part that is not a turn: it notes the outcome and asks for one.</summary>
    private async Task WaitForFlushAsync(ValueTask<FlushResult> flush)
    {
        var outcome = FlushFailed;
        try
        {
            var result = await flush;
            outcome = result.IsCompleted ? FlushFailed : Flushed;
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The connection broke: the stream ends, and the client resumes by its last id.
        }
        finally
        {
            Volatile.Write(ref _flushState, outcome);
            Seat.Wake();
        }
    }

    /// <summary>A turn while a flush waits for the reader.</summary>
    private void WaitLonger(WatchLane lane, long nowMs)
    {
        if (_state == State.Closing)
        {
            if (nowMs >= _closeDeadlineMs)
            {
                _abort();
                _closeDeadlineMs = nowMs + (long)_options.ClosingGrace.TotalMilliseconds;
            }

            lane.Wheel.Set(Seat, _closeDeadlineMs);
            return;
        }

        var stallsAtMs = _flushStartedMs + (long)_options.StallTimeout.TotalMilliseconds;
        if (nowMs >= stallsAtMs)
        {
            Interlocked.CompareExchange(ref _closing, (int)WatchClosing.SlowConsumer, (int)WatchClosing.None);
        }

        if (Closing != WatchClosing.None || Volatile.Read(ref _isGone) == 1)
        {
            // The turn after the flush gave up writes the farewell, or ends the stream of a client that is gone.
            _output.CancelPendingFlush();
            stallsAtMs = nowMs + (long)_options.ClosingGrace.TotalMilliseconds;
        }

        lane.Wheel.Set(Seat, stallsAtMs);
    }

    private void BeginClosing()
    {
        _state = State.Closing;
        _closeDeadlineMs = _dispatcher.NowMs + (long)_options.ClosingGrace.TotalMilliseconds;
    }
}

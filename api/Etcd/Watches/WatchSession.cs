using System.Collections.Concurrent;
using System.Threading.Channels;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Watch;
using RestKv.Core.Watch;
using WatchRequest = RestKv.Api.Etcd.Messages.WatchRequest;

namespace RestKv.Api.Etcd.Watches;

/// <summary>
/// One stream of watches. Its requests and its cursors wake one reader, which alone writes answers: it creates and cancels,
/// gives each watch with something to read a turn, and sleeps when there is nothing to do. Everything here belongs to that
/// reader, but for <see cref="Enqueue"/> and what the dispatcher calls.
/// </summary>
internal sealed partial class WatchSession : IWatchClient, IDisposable
{
    /// <summary>Requests read ahead; then the client has to wait until its answers are taken.</summary>
    private const int RequestsWaitingMax = 128;

    /// <summary>Requests answered before watches have turns again, and the other way round.</summary>
    private const int RoundMax = 64;

    /// <summary>After this many answers and turns the thread goes back to the pool, so that others get their share.</summary>
    private const int WorkPerRun = 128;

    private readonly EtcdNode _etcd;
    private readonly WatchSettings _settings;
    private readonly TimeProvider _time;
    private readonly WatchDispatcher _dispatcher;
    private readonly EtcdCall _call;
    private readonly IEtcdReplies _replies;
    private readonly WakeSignal _signal = new();
    private readonly StreamEnd _end;
    private readonly ConcurrentQueue<SessionWatch> _ready = new();
    private readonly Channel<WatchRequest> _requests = Channel.CreateBounded<WatchRequest>(
        new BoundedChannelOptions(RequestsWaitingMax) { SingleReader = true, SingleWriter = true });

    private readonly Dictionary<long, SessionWatch> _watches = [];
    private readonly RingBudget _budget;
    private readonly WatchBatch _batch = new();
    private readonly WatchLimits _limits;
    private WatchFeed? _feed;
    private readonly HashSet<long> _spent = [];
    private long _nextId;
    private int _workInRun;
    private bool _wasAsked;

    public WatchSession(EtcdNode etcd, WatchSettings settings, TimeProvider time, EtcdCall call, IEtcdReplies replies)
    {
        (_etcd, _settings, _time, _call, _replies) = (etcd, settings, time, call, replies);
        _dispatcher = etcd.Node.Watches;
        _end = new StreamEnd(call, _signal, time, _dispatcher.Options.ClosingGrace);
        _budget = new RingBudget(_dispatcher.Options.MultiplexedBytesMax);

        // A revision is one message: no turn may end inside of one.
        _limits = _dispatcher.Options.Cursor with { HardFactor = int.MaxValue };
    }

    private WatchFeed Feed => Raft.Invariant.NotNull(_feed);

    /// <summary>Done when the stream is over; refuses and ends like any call.</summary>
    public async Task RunAsync(IEtcdRequests requests)
    {
        if (!_dispatcher.TryEnter(this, _etcd.Node.View, out _feed, out var refusal))
        {
            throw WatchFaults.Of(refusal);
        }

        var reading = ReadAsync(requests);

        // As its continuation, so that whoever is woken finds it completed.
        reading.GetAwaiter().UnsafeOnCompleted(_signal.Set);
        try
        {
            await PumpAsync(reading);
        }
        catch (OperationCanceledException) when (!_call.Aborted.IsCancellationRequested && _end.Fault is not null)
        {
            // The client did not take what was being sent when the member asked it to go.
            throw _end.Fault;
        }
        finally
        {
            Leave();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The watch has something to read; any thread.</summary>
    public void Enqueue(SessionWatch watch)
    {
        _ready.Enqueue(watch);
        _signal.Set();
    }

    public void Dispose()
    {
        _progressTimer?.Dispose();
        _end.Dispose();
    }

    /// <summary>Rights have changed, perhaps. (A watch that nothing happened to has nothing to say about a compaction.)</summary>
    void IWatchClient.Wake() => _signal.Set();

    void IWatchClient.Close(WatchClosing reason) => _end.Close(reason);

    private async Task ReadAsync(IEtcdRequests requests)
    {
        while (await requests.NextAsync(_end.Cut) is WatchRequest request)
        {
            await _requests.Writer.WriteAsync(request, _end.Cut);
            _signal.Set();
        }
    }

    private async Task PumpAsync(Task reading)
    {
        while (true)
        {
            _end.ThrowIfOver();

            // Looked at before the requests are: whatever was read before the end is among them.
            var isRead = reading.IsCompleted;
            var answered = await AnswerRequestsAsync();
            if (isRead && !answered)
            {
                await reading;
                if (!_wasAsked)
                {
                    // Nothing was asked for and nothing will be.
                    return;
                }
            }

            await EndForbiddenAsync();
            await NotifyIfDueAsync();
            if (await TakeTurnsAsync() || answered || await TellProgressAsync())
            {
                await LetOthersRunAsync();
            }
            else
            {
                ThrowIfNothingIsAllowed(isRead);
                await _signal.WaitAsync();
            }
        }
    }

    private async ValueTask<bool> TakeTurnsAsync()
    {
        var turns = 0;
        while (turns < RoundMax && _ready.TryDequeue(out var watch))
        {
            turns++;
            watch.BeginTurn();
            if (!watch.IsOver)
            {
                await TakeTurnAsync(watch);
            }
        }

        return turns > 0;
    }

    /// <summary>Sends what the watch has next; true when it has seen everything and nothing is left to do.</summary>
    private async ValueTask<bool> TakeTurnAsync(SessionWatch watch)
    {
        _workInRun++;
        var isLive = watch.Cursor.IsAtHead;
        var turn = watch.Cursor.Read(_batch);
        if (await EndIfForbiddenAsync(watch))
        {
            _batch.Clear();
            return false;
        }

        if (!_batch.IsEmpty)
        {
            await SendEventsAsync(watch, isLive);
            _batch.Clear();
        }

        switch (turn)
        {
            case WatchTurn.More:
                watch.Wake();
                return false;
            case WatchTurn.Join:
                _dispatcher.Join(watch.Cursor);
                return false;
            case WatchTurn.Compacted:
                End(watch);
                await SendAsync(Compacted(watch.Id, Feed.View.CompactedRevision));
                Spend(watch.Id);
                return false;
            default:
                return true;
        }
    }

    /// <summary>
    /// Live events carry the revision of the last of them. History carries the store's, which is what etcd does: whoever resumes
    /// has to go by the events.
    /// </summary>
    private async ValueTask SendEventsAsync(SessionWatch watch, bool isLive)
    {
        var events = _batch.Events;
        var answer = new WatchResponse
        {
            Header = _etcd.Header(isLive ? events[^1].Event.Revision : Feed.View.Revision),
            WatchId = watch.Id,
        };
        answer.Events.Capacity = events.Count;
        foreach (var item in events)
        {
            answer.Events.Add(ChangeMessages.Of(item.Event.Change, watch.Order.WantsPrevious));
        }

        watch.HasSpoken = true;
        _dispatcher.CountSent(events.Count);
        if (!watch.Order.TakesFragments)
        {
            await SendAsync(answer);
            return;
        }

        foreach (var part in WatchFragments.Of(answer, _settings.FragmentBytesMax))
        {
            await SendAsync(part);
        }
    }

    private async ValueTask SendAsync(WatchResponse answer)
    {
        _end.ThrowIfOver();
        _workInRun++;
        await _replies.SendAsync(answer, _end.Cut);
    }

    private async ValueTask LetOthersRunAsync()
    {
        if (_workInRun >= WorkPerRun)
        {
            _workInRun = 0;
            await Task.Yield();
        }
    }

    private void End(SessionWatch watch)
    {
        watch.IsOver = true;
        _watches.Remove(watch.Id);
        _dispatcher.Remove(watch.Cursor);
    }

    private void Leave()
    {
        foreach (var watch in _watches.Values)
        {
            watch.IsOver = true;
            _dispatcher.Remove(watch.Cursor);
        }

        _watches.Clear();
        _dispatcher.Leave(this);
        _end.CutOff();
    }
}

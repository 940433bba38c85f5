using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Watch;
using RestKv.Raft;

namespace RestKv.Api.Watch;

/// <summary>
/// Opens watches and feeds them from the published states. It owns the <see cref="WatchHub"/>, which one pool thread at a
/// time works on; streams take their turns on lanes. Public members may be called from any thread.
/// </summary>
public sealed partial class WatchDispatcher : IThreadPoolWorkItem, IAsyncDisposable
{
    private readonly ConcurrentQueue<Request> _requests = new();
    private readonly TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<IWatchClient> _clients = [];
    private readonly TimeProvider _time;
    private readonly long _startTimestamp;
    private readonly WatchLane[] _lanes;
    private readonly Lock _starting = new();

    private WatchHub? _hub;
    private ReadView? _published;
    private ITimer? _timer;
    private int _isScheduled;
    private int _isStopping;
    private volatile bool _isDiverged;
    private int _open;
    private uint _opened;
    private long _leaderlessSinceMs;

    // Of the running dispatch.
    private long _compactedSeen;
    private long _lastForgetMs;

    public WatchDispatcher(TimeProvider? time = null, WatchOptions? options = null)
    {
        _time = time ?? TimeProvider.System;
        Options = options ?? new WatchOptions();
        _startTimestamp = _time.GetTimestamp();
        _lanes = new WatchLane[Options.Lanes];
        for (var i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new WatchLane(this, Options);
        }
    }

    private enum RequestKind : byte
    {
        Open = 0,
        Join = 1,
        Closed = 2,
        CloseAll = 3,

        /// <summary>Serve this state before any newer one.</summary>
        Advance = 4,

        /// <summary>This state was received whole: everyone reads on in its history.</summary>
        Reset = 5,

        /// <summary>The client wants to be woken behind the next look for a newer state.</summary>
        Touch = 6,

        /// <summary>Rights have changed: everyone looks whether they still hold.</summary>
        Wake = 7,
    }

    public WatchOptions Options { get; }

    /// <summary>Watches and long polls that are open; a stream that carries many watches counts as those.</summary>
    public int OpenCount => Volatile.Read(ref _open) - Volatile.Read(ref _multiplexers) + Volatile.Read(ref _multiplexed);

    /// <summary>Cursors that events are pushed to; the others read history or wait for nothing.</summary>
    public int LiveCount => Volatile.Read(ref _hub)?.LiveCount ?? 0;

    /// <summary>Open watches that nothing is pushed to: they are behind, or not begun yet. Counted without a lock, so an estimate.</summary>
    public int BehindCount => Math.Max(0, OpenCount - LiveCount);

    /// <summary>How far the watches as a whole are behind the newest state; 0 while nobody watches.</summary>
    public long LagRevisions => Volatile.Read(ref _open) > 0 && Volatile.Read(ref _hub) is { } hub
        ? Math.Max(0, (Volatile.Read(ref _published)?.Revision ?? 0) - hub.Feed.View.Revision)
        : 0;

    /// <summary>Events written to streams since the start.</summary>
    public long EventsSent => _lanes.Sum(lane => lane.Sent) + Volatile.Read(ref _multiplexedSent);

    /// <summary>Times a reader was too slow and went back to reading history.</summary>
    public long Demotions => Volatile.Read(ref _hub)?.Demotions ?? 0;

    internal long NowMs => (long)_time.GetElapsedTime(_startTimestamp).TotalMilliseconds;

    /// <summary>The newest state that all watches were served with. There is one as soon as a watch was opened.</summary>
    internal ReadView View => Invariant.NotNull(Volatile.Read(ref _hub)).Feed.View;

    /// <summary>Opens no more watches and tells every stream good-bye. The server does so before it waits for its requests to end.</summary>
    public void BeginStop()
    {
        if (Interlocked.Exchange(ref _isStopping, 1) == 0 && Volatile.Read(ref _open) == 0)
        {
            _emptied.TrySetResult();
        }

        Post(new Request(RequestKind.CloseAll) { Closing = WatchClosing.Shutdown });
    }

    /// <summary>
    /// Stops and waits until all streams have ended, which takes no longer than <see cref="WatchOptions.ClosingGrace"/> and
    /// a tick: readers that take nothing are cut off then.
    /// </summary>
    public async Task ShutDownAsync(CancellationToken cancellationToken)
    {
        BeginStop();
        await _emptied.Task.WaitAsync(cancellationToken);
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await ShutDownAsync(CancellationToken.None);

    /// <summary>
    /// Makes a stream for a response; null with the reason when there is no room. It does nothing before
    /// <see cref="Begin"/>, which, or else <see cref="Abandon"/>, must follow.
    /// </summary>
    internal WatchStream? TryOpen(
        WatchStart start, ReadView view, PipeWriter output, Action abort, out ChangeWaitOutcome refusal) =>
        TryEnter(view, out var hub, out refusal)
            ? new WatchStream(this, NextLane(), start, hub.Feed, view, output, abort)
            : null;

    /// <summary>
    /// From here on the stream writes to its response. The caller awaits <see cref="WatchStream.Ended"/> and touches the
    /// response no more until then.
    /// </summary>
    internal void Begin(WatchStream stream) => Start(stream);

    /// <summary>The response could not be started.</summary>
    internal void Abandon(WatchStream stream)
    {
        Invariant.Check(!stream.Ended.IsCompleted);
        Leave();
    }

    /// <summary>
    /// Waits until something in a range may have changed after a revision: look again then, it may be a false alarm. Look
    /// at the range before, and pass the revision of that look.
    /// </summary>
    /// <param name="view">Any published state.</param>
    internal ValueTask<ChangeWaitOutcome> WaitForChangeAsync(
        KeyRange range, long afterRevision, ReadView view, TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitForAnyChangeAsync(new WatchFilter([WatchRange.Of(range)]), afterRevision, view, timeout, cancellationToken);

    /// <inheritdoc cref="WaitForChangeAsync"/>
    internal async ValueTask<ChangeWaitOutcome> WaitForAnyChangeAsync(
        WatchFilter filter, long afterRevision, ReadView view, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!TryEnter(view, out var hub, out var refusal))
        {
            return refusal;
        }

        var wait = new ChangeWait(this, NextLane(), hub.Feed, filter, afterRevision, timeout);
        Start(wait);
        await using var registration = cancellationToken.UnsafeRegister(
            static state => ((ChangeWait)state!).Leave(ChangeWaitOutcome.TimedOut), wait);
        var outcome = await wait.Outcome;
        cancellationToken.ThrowIfCancellationRequested();
        return outcome;
    }

    /// <summary>Of a turn: the cursor has read history to its end.</summary>
    internal void Join(WatchCursor cursor) => Post(new Request(RequestKind.Join) { Cursor = cursor });

    /// <summary>Of a turn: the last thing a client does.</summary>
    internal void Closed(ILaneClient client)
    {
        Post(new Request(RequestKind.Closed) { Client = client, Cursor = client.Cursor });
        Leave();
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            Dispatch(Invariant.NotNull(Volatile.Read(ref _hub)));

            // Whoever posts after this schedules anew; whoever did before is seen by the look that follows.
            Interlocked.Exchange(ref _isScheduled, 0);
        }
        while (HasWork() && Interlocked.Exchange(ref _isScheduled, 1) == 0);
    }

    private void Dispatch(WatchHub hub)
    {
        // 1. The newest state, looked up before the requests: one that must be served before it is among them.
        var view = Invariant.NotNull(Volatile.Read(ref _published));

        // 2. Those who come and go, against the state that everyone else has.
        while (_requests.TryDequeue(out var request))
        {
            Handle(hub, request);
        }

        // 3. Whatever was published in between is in it.
        if (IsNews(view, hub.Feed.View))
        {
            hub.Advance(view);
        }

        // 4. Turns for those who have something to read, or asked for one.
        foreach (var client in _touched)
        {
            client.Wake();
        }

        _touched.Clear();
        foreach (var cursor in hub.Woken)
        {
            OwnerOf(cursor).Wake();
        }

        hub.ClearWoken();
        LetGo(hub);
    }

    private void Handle(WatchHub hub, in Request request)
    {
        switch (request.Kind)
        {
            case RequestKind.Open:
                _clients.Add(Invariant.NotNull(request.Client));
                break;
            case RequestKind.Join:
                hub.Join(Invariant.NotNull(request.Cursor));
                break;
            case RequestKind.Closed:
                Close(hub, request);
                break;
            case RequestKind.Advance when IsNews(Invariant.NotNull(request.View), hub.Feed.View):
                hub.Advance(request.View);
                break;
            case RequestKind.Reset when IsNews(Invariant.NotNull(request.View), hub.Feed.View):
                hub.Reset(request.View);
                break;
            case RequestKind.Advance or RequestKind.Reset:
                break;
            case RequestKind.Touch:
                _touched.Add(Invariant.NotNull(request.Client));
                break;
            case RequestKind.Wake:
                foreach (var client in _clients)
                {
                    client.Wake();
                }

                break;
            default:
                foreach (var client in _clients)
                {
                    client.Close(request.Closing);
                }

                break;
        }
    }

    private void Close(WatchHub hub, in Request request)
    {
        if (request.Cursor is { } cursor)
        {
            hub.Remove(cursor);
        }

        if (request.Client is { } client)
        {
            Invariant.Check(_clients.Remove(client));
        }
    }

    /// <summary>
    /// After a compaction every stream has a turn, in which those whose last id fell behind it send a bookmark: a client cut
    /// off while nothing of interest happened must find its place again.
    /// </summary>
    private void LetGo(WatchHub hub)
    {
        const long ForgetMs = 10_000;
        var compacted = hub.Feed.View.CompactedRevision;
        if (compacted != _compactedSeen)
        {
            _compactedSeen = compacted;
            foreach (var client in _clients)
            {
                client.Wake();
            }
        }

        var now = NowMs;
        if (now - _lastForgetMs >= ForgetMs)
        {
            _lastForgetMs = now;
            hub.Forget();
        }
    }

    private bool TryEnter(ReadView view, [NotNullWhen(true)] out WatchHub? hub, out ChangeWaitOutcome refusal)
    {
        hub = null;
        refusal = default;
        if (Interlocked.Increment(ref _open) > Options.WatchesMax)
        {
            refusal = ChangeWaitOutcome.Overloaded;
        }
        else if (Volatile.Read(ref _isStopping) == 1)
        {
            refusal = ChangeWaitOutcome.ShuttingDown;
        }
        else if (_isDiverged)
        {
            refusal = ChangeWaitOutcome.Diverged;
        }
        else
        {
            hub = Volatile.Read(ref _hub) ?? MakeHub(view);
            return true;
        }

        Leave();
        return false;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _open) == 0 && Volatile.Read(ref _isStopping) == 1)
        {
            _emptied.TrySetResult();
        }
    }

    /// <summary>The first watch of all. Two may be the first, hence the lock; it is never taken again.</summary>
    private WatchHub MakeHub(ReadView view)
    {
        lock (_starting)
        {
            if (_hub is null)
            {
                Interlocked.CompareExchange(ref _published, view, null);
                Volatile.Write(ref _hub, new WatchHub(Invariant.NotNull(Volatile.Read(ref _published))));

                // Last: a thread that is not scheduled for a while sees its timer fire before the next line.
                _timer = _time.CreateTimer(static state => ((WatchDispatcher)state!).Tick(), this, Options.Tick, Options.Tick);
            }

            return Invariant.NotNull(_hub);
        }
    }

    private void Start(ILaneClient client)
    {
        Post(new Request(RequestKind.Open) { Client = client });
        if (client.Cursor.BeginsAtHead)
        {
            Join(client.Cursor);
        }

        client.Wake();
        CloseIfLate(client);
    }

    private void CloseIfLate(IWatchClient client)
    {
        // A stop that told everyone good-bye may have missed this one.
        if (Volatile.Read(ref _isStopping) == 1)
        {
            client.Close(WatchClosing.Shutdown);
        }
        else if (_isDiverged)
        {
            client.Close(WatchClosing.Diverged);
        }
    }

    private WatchLane NextLane() => _lanes[Interlocked.Increment(ref _opened) % (uint)_lanes.Length];

    private void Tick()
    {
        if (Volatile.Read(ref _open) > 0)
        {
            foreach (var lane in _lanes)
            {
                lane.Tick();
            }
        }

        var leaderlessSince = Volatile.Read(ref _leaderlessSinceMs);
        if (leaderlessSince > 0 && NowMs - leaderlessSince >= (long)Options.LeaderlessMax.TotalMilliseconds)
        {
            // Nobody can promise that events still arrive; the client tries another member, or this one again.
            Post(new Request(RequestKind.CloseAll) { Closing = WatchClosing.LeaderLost });
        }

        // Also without watches: the hub must not keep an old state, and all memory freed since, alive.
        if (HasWork())
        {
            Schedule();
        }
    }

    /// <summary>Without a hub there was never a watch, and nobody to whom the request could matter.</summary>
    private void Post(in Request request)
    {
        if (Volatile.Read(ref _hub) is not null)
        {
            _requests.Enqueue(request);
            Schedule();
        }
    }

    private bool HasWork() => !_requests.IsEmpty || IsNews(Invariant.NotNull(Volatile.Read(ref _published)), View);

    /// <summary>Also a state of the same revision may be news: a compaction adds none.</summary>
    private static bool IsNews(ReadView published, ReadView seen) => published != seen && published.Revision >= seen.Revision;

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _isScheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private static ICursorOwner OwnerOf(WatchCursor cursor) => (ICursorOwner)Invariant.NotNull(cursor.Owner);

    private readonly record struct Request(RequestKind Kind)
    {
        public IWatchClient? Client { get; init; }

        public WatchCursor? Cursor { get; init; }

        public WatchClosing Closing { get; init; }

        public ReadView? View { get; init; }
    }
}

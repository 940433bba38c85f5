using RestKv.Api.Etcd.Watches;
using RestKv.Api.Watch;
using RestKv.Core.Watch;
using RestKv.Testing;
using static RestKv.Http.Tests.Etcd.Watches.WatchWords;

namespace RestKv.Http.Tests.Etcd.Watches;

/// <summary>How clients learn how far their watches have come: never further than what they were sent.</summary>
public sealed class WatchProgressTests
{
    private static readonly WatchSettings EveryMinute = new() { ProgressInterval = TimeSpan.FromMinutes(1) };

    /// <summary>Watches are served from a state that is a moment behind the store: what a client knows to be written counts.</summary>
    [Fact]
    public async Task An_answer_is_never_older_than_what_was_written_when_it_was_asked_for()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(Create("a"));
        await stream.CreatedAsync();
        for (var i = 0; i < 200; i++)
        {
            rig.Store.Put($"{i}", "b");
            var written = rig.Store.Published.Revision;

            stream.Send(Progress());
            Assert.Equal(written, (await stream.NextAsync()).Header.Revision);
        }
    }

    [Fact]
    public async Task A_start_that_was_compacted_a_moment_ago_is_compacted()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        for (var i = 0; i < 200; i++)
        {
            rig.Store.Put($"{i}", "a");
            var start = rig.Store.Published.Revision;
            rig.Store.Put($"{i}", "a");
            rig.Store.Compact(start + 1);

            stream.Send(Create("a", create => create.StartRevision = start));
            await stream.CreatedAsync(i);
            var end = await stream.NextAsync();
            Assert.True(end.Canceled && end.WatchId == i && end.CompactRevision == start + 1 && end.Header.Revision == 0, end.ToString());
        }
    }

    [Fact]
    public async Task A_request_is_answered_for_all_watches_behind_all_their_events()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(Create("a"));
        stream.Send(Create("b", create => create.StartRevision = 1));
        await stream.CreatedAsync(0);
        await stream.CreatedAsync(1);
        for (var i = 0; i < 100; i++)
        {
            rig.Store.Put($"{i}", "a", "b");
        }

        stream.Send(Progress());
        var last = new Dictionary<long, long>();
        var answer = await stream.NextAsync();
        while (answer.WatchId >= 0)
        {
            last[answer.WatchId] = answer.Events[^1].Kv.ModRevision;
            answer = await stream.NextAsync();
        }

        // The state that watches are served from may be behind the store, but not behind what it claims.
        Assert.True(answer is { WatchId: -1, Created: false, Canceled: false } && answer.Events.Count == 0);
        Assert.True(answer.Header.Revision >= 1);
        Assert.All(last.Values, revision => Assert.True(revision >= answer.Header.Revision || revision == 101));
        while (answer.Header.Revision < 101)
        {
            stream.Send(Progress());
            do
            {
                answer = await stream.NextAsync();
            }
            while (answer.WatchId >= 0);
        }
    }

    [Fact]
    public async Task A_stream_without_watches_has_no_progress()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(Progress());
        stream.Send(Create("a"));
        stream.Send(Cancel(0));
        stream.Send(Progress());
        stream.Send(Create("b"));

        await stream.CreatedAsync(0);
        Assert.True((await stream.NextAsync()).Canceled);
        await stream.CreatedAsync(1);
        rig.Store.Put("1", "b");
        Assert.Equal(["2 PUT b=1"], await stream.EventsAsync(1, id: 1));
    }

    [Fact]
    public async Task A_watch_that_is_behind_is_waited_for()
    {
        var options = new WatchOptions { Lanes = 1, Cursor = new WatchLimits { TurnEvents = 2, RingEventsMax = 2, JoinRevisionsMax = 2 } };
        await using var rig = new SessionRig(options);
        for (var i = 0; i < 200; i++)
        {
            rig.Store.Put($"{i}", "a");
        }

        var stream = rig.Open(repliesMax: 1);
        stream.Send(Create("a", create => create.StartRevision = 1));
        stream.Send(Progress());
        await stream.CreatedAsync();

        Assert.Equal(200, (await stream.EventsAsync(200)).Count);
        Assert.True(await stream.NextAsync() is { WatchId: -1, Header.Revision: 201 });
    }

    [Fact]
    public async Task Silent_watches_that_want_it_are_told_their_place_now_and_then()
    {
        await using var rig = new SessionRig(settings: EveryMinute);
        var stream = rig.Open();
        stream.Send(Create("a", create => create.ProgressNotify = true));
        stream.Send(Create("b", create => create.ProgressNotify = true));
        stream.Send(Create("c"));
        for (var id = 0; id < 3; id++)
        {
            await stream.CreatedAsync(id);
        }

        rig.Store.Put("1", "b");
        Assert.Equal(["2 PUT b=1"], await stream.EventsAsync(1, id: 1));
        rig.Clock.Advance(TimeSpan.FromSeconds(67));
        var told = await stream.NextAsync();
        Assert.True(told is { WatchId: 0, Header.Revision: 2 } && told.Events.Count == 0, told.ToString());

        // The one that spoke is told the next time.
        rig.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.True(await stream.NextAsync() is { WatchId: 0, Header.Revision: 2 });
        Assert.True(await stream.NextAsync() is { WatchId: 1, Header.Revision: 2 });
        Assert.Equal(0, stream.Waiting);
    }

    [Fact]
    public async Task The_clock_proves_nothing_while_a_slow_client_is_behind()
    {
        await using var rig = new SessionRig(settings: EveryMinute);
        var stream = rig.Open(repliesMax: 1);
        stream.Send(Create("a", create => create.ProgressNotify = true));
        await stream.CreatedAsync();
        for (var i = 0; i < 3_000; i++)
        {
            rig.Store.Put($"{i}", "a");
        }

        rig.Clock.Advance(TimeSpan.FromSeconds(200));
        var seen = 1L;
        while (seen < 3_001)
        {
            var answer = await stream.NextAsync();
            Assert.True(answer.Events.Count > 0 || answer.Header.Revision <= seen, answer.ToString());
            seen = answer.Events.Count > 0 ? answer.Events[^1].Kv.ModRevision : seen;
        }
    }

    [Fact]
    public async Task Timers_end_with_their_streams()
    {
        var clock = new CountingClock();
        await using var rig = new SessionRig(settings: EveryMinute, time: clock);
        var stream = rig.Open();
        stream.Send(Create("a", create => create.ProgressNotify = true));
        await stream.CreatedAsync();
        Assert.True(clock.Timers > 0);

        stream.Abort();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.Call.WaitAsync(Eventually.Deadline));
        Assert.Equal(0, clock.Timers);
    }

    /// <summary>Counts the timers that are alive; the dispatcher has a clock of its own.</summary>
    private sealed class CountingClock : TimeProvider
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _timers);
            return new CountedTimer(this, base.CreateTimer(callback, state, dueTime, period));
        }

        private sealed class CountedTimer(CountingClock clock, ITimer timer) : ITimer
        {
            private int _isDisposed;

            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                {
                    Interlocked.Decrement(ref clock._timers);
                }

                timer.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}

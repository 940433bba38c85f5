using System.Globalization;
using System.Text.Json;
using RestKv.Api.Watch;
using RestKv.Core.Watch;
using RestKv.Testing;

namespace RestKv.Http.Tests.Watch;

/// <summary>What a stream says and when, with the clock in hand.</summary>
public sealed class WatchDispatcherTests
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Progress = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_silent_stream_beats_and_a_busy_one_does_not()
    {
        await using var rig = new WatchRig();
        var stream = rig.Open("a", start => start with { Progress = TimeSpan.FromSeconds(600) });
        await stream.ReadUntilAsync("event: open");

        rig.Clock.Advance(Heartbeat - TimeSpan.FromSeconds(1));
        rig.Put("v", "a");
        await stream.ReadUntilAsync("id: 2\n");
        rig.Clock.Advance(Heartbeat - TimeSpan.FromSeconds(1));
        rig.Put("v", "a");
        Assert.DoesNotContain(": hb", await stream.ReadUntilAsync("id: 3\n"), StringComparison.Ordinal);

        rig.Clock.Advance(Heartbeat + TimeSpan.FromSeconds(1));
        await stream.ReadUntilAsync(": hb\n\n");
    }

    [Fact]
    public async Task The_first_watch_survives_a_timer_that_fires_at_once()
    {
        await using var rig = new WatchRig(time: new EagerClock());
        var stream = rig.Open("a");
        await stream.ReadUntilAsync("event: open");

        rig.Put("v", "a");
        await stream.ReadUntilAsync("id: 2\n");
        Assert.Contains(stream.Events(), item => item.Name == "put");
    }

    [Fact]
    public async Task A_bookmark_comes_on_time_when_only_others_write_and_not_when_nobody_does()
    {
        await using var rig = new WatchRig();
        var stream = rig.Open("mine/", start => start with { Heartbeat = TimeSpan.FromSeconds(30) });
        await stream.ReadUntilAsync("event: open");

        rig.Clock.Advance(Progress + Progress);

        // One revision: the turn of the time before may come late, and would tell the first of two by itself.
        rig.Put("v", "other/1", "other/2");
        await ServedAsync(rig);
        rig.Clock.Advance(Progress + TimeSpan.FromSeconds(1));
        var text = await stream.ReadUntilAsync("event: progress");
        await stream.ReadUntilAsync("id: 2\n");

        Assert.Single(stream.Events(), item => item.Name == "progress");
        Assert.Equal("2", stream.Events()[^1].Id);
        Assert.Contains("event: open", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compaction_past_the_last_id_sends_a_bookmark_at_once()
    {
        await using var rig = new WatchRig();
        var stream = rig.Open("mine/");
        await stream.ReadUntilAsync("event: open");
        for (var i = 0; i < 10; i++)
        {
            rig.Put("v", "other");
        }

        rig.Compact(8);

        await stream.ReadUntilAsync("id: 11\n");
        var bookmark = stream.Events()[^1];
        Assert.Equal("progress", bookmark.Name);
        Assert.Equal(11, JsonDocument.Parse(bookmark.Data).RootElement.GetProperty("rev").GetInt64());
    }

    [Fact]
    public async Task A_quiet_catch_up_ends_with_a_bookmark()
    {
        await using var rig = new WatchRig();
        for (var i = 0; i < 10; i++)
        {
            rig.Put("v", "other");
        }

        var stream = rig.Open("mine/", start => start with { From = 3 });
        await stream.ReadUntilAsync("id: 11\n");

        Assert.Equal(["open", "progress"], stream.Events().Select(item => item.Name));
        Assert.Equal("2", stream.Events()[0].Id);
    }

    [Fact]
    public async Task A_state_received_whole_sends_everyone_back_to_history_and_nobody_misses_anything()
    {
        await using var rig = new WatchRig();
        var stream = rig.Open("a");
        await stream.ReadUntilAsync("event: open");
        rig.Put("v", "a1");
        await stream.ReadUntilAsync("id: 2\n");
        Assert.Equal((1, 0), (rig.Dispatcher.LiveCount, rig.Dispatcher.Demotions));

        rig.Receive(5, "a2");

        await stream.ReadUntilAsync("id: 7\n");
        Assert.Equal(["2", "3", "4", "5", "6", "7"], stream.Events().Skip(1).Select(item => item.Id));
        Assert.Equal(1, rig.Dispatcher.Demotions);
        rig.Put("v", "a3");
        await stream.ReadUntilAsync("id: 8\n");
    }

    [Fact]
    public async Task The_id_comes_with_the_last_event_of_a_revision_only()
    {
        await using var rig = new WatchRig();
        var stream = rig.Open("a");
        rig.Put("v", "a1", "b", "a2", "c");
        rig.Put("v", "a3");

        await stream.ReadUntilAsync("id: 3\n");
        Assert.Equal([null, "2", "3"], stream.Events().Skip(1).Select(item => item.Id));
    }

    [Fact]
    public async Task A_stream_of_limited_life_says_so_and_ends()
    {
        await using var rig = new WatchRig();
        var stream = rig.Open("a", start => start with { MaxLife = TimeSpan.FromMinutes(2) });
        await stream.ReadUntilAsync("event: open");

        rig.Clock.Advance(TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(1));

        await stream.ReadToEndAsync();
        AssertClosing(stream, "max-life");
        Assert.Equal(0, rig.Dispatcher.OpenCount);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_for_a_minute_while_events_wait_is_ended()
    {
        await using var rig = new WatchRig();
        var stalled = rig.Open("a", bufferBytes: 512);
        var healthy = rig.Open("a");
        for (var i = 0; i < 50; i++)
        {
            rig.Put(new string('v', 100), "a");
        }

        await healthy.ReadUntilAsync("id: 51\n");
        rig.Clock.Advance(TimeSpan.FromSeconds(59));
        await healthy.ReadUntilAsync(": hb");
        Assert.False(stalled.Stream.Ended.IsCompleted);

        // The farewell goes into the buffer of a reader that wakes up in time, and the connection of one that does not is cut.
        rig.Clock.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(
            () =>
            {
                rig.Clock.Advance(TimeSpan.FromSeconds(1));
                return stalled.Stream.Ended.IsCompleted;
            },
            "the stalled stream ends");
        Assert.True(stalled.IsAborted);
        Assert.False(healthy.Stream.Ended.IsCompleted);
        Assert.Equal(1, rig.Dispatcher.OpenCount);
    }

    [Fact]
    public async Task A_stream_whose_connection_was_aborted_ends_at_its_next_write_and_disturbs_nobody()
    {
        await using var rig = new WatchRig(new WatchOptions { Lanes = 1 });
        var gone = rig.Open("a");
        var healthy = rig.Open("a");
        await gone.ReadUntilAsync("event: open");
        await healthy.ReadUntilAsync("event: open");

        gone.Abort();
        rig.Put("v", "a");

        await gone.Stream.Ended.WaitAsync(Eventually.Deadline);
        await healthy.ReadUntilAsync("id: 2\n");
    }

    [Fact]
    public async Task A_stalled_reader_that_wakes_up_finds_the_farewell()
    {
        await using var rig = new WatchRig(new WatchOptions { Lanes = 1 });
        var stalled = rig.Open("a", bufferBytes: 512);
        var healthy = rig.Open("a");
        for (var i = 0; i < 50; i++)
        {
            rig.Put(new string('v', 100), "a");
        }

        // Once the one lane serves another round after the buffer was full, it has noted when the reader stalled.
        await Eventually.TrueAsync(() => stalled.IsFull, "the stalled reader's buffer to be full");
        await healthy.ReadUntilAsync("id: 51\n");
        rig.Put("last", "a");
        await healthy.ReadUntilAsync("id: 52\n");

        // Past the timeout but within the grace of the farewell; who reads before the lane has looked was not stalled.
        rig.Clock.Advance(TimeSpan.FromSeconds(61));
        await Eventually.TrueAsync(() => stalled.Stream.Closing == WatchClosing.SlowConsumer, "the lane to notice");
        await stalled.ReadToEndAsync();
        AssertClosing(stalled, "slow-consumer");
        Assert.False(stalled.IsAborted);
    }

    [Fact]
    public async Task A_slow_reader_loses_nothing_and_holds_up_nobody()
    {
        var options = new WatchOptions { Lanes = 1, FlushBytes = 1_000, Cursor = new WatchLimits { RingEventsMax = 10, TurnEvents = 5 } };
        await using var rig = new WatchRig(options);
        var slow = rig.Open("a", bufferBytes: 256);
        var healthy = rig.Open("a");
        await Eventually.TrueAsync(() => rig.Dispatcher.LiveCount == 2, "both are live");
        for (var i = 0; i < 500; i++)
        {
            rig.Put("v", "a");
        }

        await healthy.ReadUntilAsync("id: 501\n");
        await slow.ReadUntilAsync("id: 501\n");

        var expected = Enumerable.Range(2, 500).Select(revision => revision.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(expected, PutIds(slow));
        Assert.Equal(expected, PutIds(healthy));
        Assert.True(rig.Dispatcher.Demotions > 0);
    }

    [Fact]
    public async Task Stopping_tells_every_stream_and_waits_for_none_that_does_not_read()
    {
        await using var rig = new WatchRig();
        var reader = rig.Open("a");
        var stalled = rig.Open("a", bufferBytes: 64);
        await reader.ReadUntilAsync("event: open");

        var stop = rig.Dispatcher.ShutDownAsync(CancellationToken.None);
        await reader.ReadToEndAsync();
        await Eventually.TrueAsync(
            () =>
            {
                rig.Clock.Advance(TimeSpan.FromSeconds(1));
                return stop.IsCompleted;
            },
            "the dispatcher stops");

        AssertClosing(reader, "shutdown");
        Assert.True(stalled.IsAborted);
        Assert.Null(rig.TryOpen("a", out var refusal));
        Assert.Equal(ChangeWaitOutcome.ShuttingDown, refusal);
    }

    [Fact]
    public async Task More_watches_than_the_member_takes_are_refused_until_one_leaves()
    {
        await using var rig = new WatchRig(new WatchOptions { WatchesMax = 2 });
        var first = rig.Open("a");
        rig.Open("b");

        Assert.Null(rig.TryOpen("c", out var refusal));
        Assert.Equal(ChangeWaitOutcome.Overloaded, refusal);
        Assert.Equal(
            ChangeWaitOutcome.Overloaded,
            await rig.Dispatcher.WaitForChangeAsync(default, 1, rig.View, TimeSpan.FromSeconds(1), CancellationToken.None));

        first.Stream.Leave();
        await first.Stream.Ended.WaitAsync(Eventually.Deadline);
        Assert.NotNull(rig.TryOpen("c", out _));
    }

    [Fact]
    public async Task A_state_overtaken_by_compaction_ends_in_compacted_or_begins_anew_with_resync()
    {
        await using var rig = new WatchRig();
        for (var i = 0; i < 5; i++)
        {
            rig.Put("v", "a");
        }

        // Both were planned when revision 2 could still be read.
        var before = rig.View;
        rig.Compact(5);
        Assert.Equal(0, before.CompactedRevision);
        var ends = rig.Open("a", start => start with { From = 2 });
        var resyncs = rig.Open("a", start => start with { From = 2, Resync = true });

        await ends.ReadToEndAsync();
        Assert.Equal(["open", "compacted"], ends.Events().Select(item => item.Name));
        Assert.Equal(5, JsonDocument.Parse(ends.Events()[1].Data).RootElement.GetProperty("compactedRev").GetInt64());

        await resyncs.ReadUntilAsync("id: 6\n");
        rig.Put("w", "a");
        await resyncs.ReadUntilAsync("id: 7\n");
        Assert.Equal(["open", "reset", "put", "synced", "put"], resyncs.Events().Select(item => item.Name));
        Assert.Equal(["1", null, null, "6", "7"], resyncs.Events().Select(item => item.Id));
    }

    [Fact]
    public async Task Watches_that_come_and_go_leave_nothing_behind()
    {
        await using var rig = new WatchRig();
        for (var round = 0; round < 10; round++)
        {
            var streams = Enumerable.Range(0, 200).Select(_ => rig.Open("a")).ToList();
            rig.Put("v", "a");
            streams.ForEach(stream => stream.Stream.Leave());
            await Task.WhenAll(streams.Select(stream => stream.Stream.Ended)).WaitAsync(Eventually.Deadline);
        }

        Assert.Equal(0, rig.Dispatcher.OpenCount);
        await Eventually.TrueAsync(() => rig.Dispatcher.LiveCount == 0, "the hub forgets its cursors");
    }

    private static async Task ServedAsync(WatchRig rig) =>
        await Eventually.TrueAsync(() => rig.Dispatcher.View.Revision == rig.Revision, "the dispatcher has seen the newest state");

    private static IEnumerable<string?> PutIds(RigStream stream) =>
        stream.Events().Where(item => item.Name == "put").Select(item => item.Id);

    private static void AssertClosing(RigStream stream, string reason)
    {
        var last = stream.Events()[^1];
        Assert.Equal("closing", last.Name);
        Assert.Null(last.Id);
        var data = JsonDocument.Parse(last.Data).RootElement;
        Assert.Equal(reason, data.GetProperty("reason").GetString());
        Assert.InRange(data.GetProperty("retryAfterMs").GetInt64(), 1_000, 3_000);
    }
}

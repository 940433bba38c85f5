using RestKv.Api.Etcd.Watches;
using RestKv.Api.Watch;
using RestKv.Core.Watch;
using RestKv.Testing;
using static RestKv.Http.Tests.Etcd.Watches.WatchWords;

namespace RestKv.Http.Tests.Etcd.Watches;

/// <summary>Much at once: large revisions, slow clients, very many watches.</summary>
public sealed class WatchFlowTests
{
    private static readonly WatchOptions Tiny = new()
    {
        Lanes = 1,
        Cursor = new WatchLimits { RingEventsMax = 5, TurnEvents = 3, TurnScan = 7, HardFactor = 1, JoinRevisionsMax = 3 },
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_revision_is_one_message_however_large(bool isHistory)
    {
        await using var rig = new SessionRig(Tiny);
        var keys = Enumerable.Range(0, 5_000).Select(i => $"k{i:0000}").ToArray();
        if (isHistory)
        {
            rig.Store.Put("v", keys);
        }

        var stream = rig.Open();
        stream.Send(Create("", create => create.StartRevision = 2));
        await stream.CreatedAsync();
        if (!isHistory)
        {
            rig.Store.Put("v", keys);
        }

        var answer = await stream.NextAsync();
        Assert.Equal(keys, answer.Events.Select(one => one.Kv.Key.ToStringUtf8()));
        Assert.False(answer.Fragment);
    }

    [Fact]
    public async Task A_client_that_takes_fragments_gets_large_answers_in_parts()
    {
        await using var rig = new SessionRig(settings: new WatchSettings { FragmentBytesMax = 1_000 });
        var stream = rig.Open();
        stream.Send(Create("", create => create.Fragment = true));
        await stream.CreatedAsync();
        var keys = Enumerable.Range(0, 100).Select(i => $"key/{i:0000}").ToArray();
        rig.Store.Put("a value of some length", keys);

        var seen = new List<string>();
        var parts = 0;
        while (seen.Count < 100)
        {
            var part = await stream.NextAsync();
            parts++;
            seen.AddRange(part.Events.Select(one => one.Kv.Key.ToStringUtf8()));
            Assert.Equal((0L, 2L), (part.WatchId, part.Header.Revision));
            Assert.InRange(part.CalculateSize(), 1, 1_000);
            Assert.Equal(seen.Count < 100, part.Fragment);
        }

        Assert.Equal(keys, seen);
        Assert.InRange(parts, 5, 100);

        // One event alone may be larger than a part; a revision that fits comes whole.
        rig.Store.Put(new string('x', 2_000), "large");
        var large = await stream.NextAsync();
        Assert.True(large is { Fragment: false, Events.Count: 1 } && large.CalculateSize() > 2_000);
        rig.Store.Put("small", "small");
        Assert.True(await stream.NextAsync() is { Fragment: false, Events.Count: 1 });
    }

    [Fact]
    public async Task A_slow_client_loses_nothing_and_holds_no_more_than_its_share()
    {
        var options = new WatchOptions { Lanes = 1, MultiplexedBytesMax = 20_000, Cursor = new WatchLimits { RingEventsMax = 100 } };
        await using var rig = new SessionRig(options);
        var stream = rig.Open(repliesMax: 1);
        for (var id = 0; id < 20; id++)
        {
            stream.Send(Create("a"));
            await stream.CreatedAsync(id);
        }

        await Eventually.TrueAsync(() => rig.Dispatcher.LiveCount == 20, "all are live");
        for (var i = 0; i < 1_000; i++)
        {
            rig.Store.Put($"{i}", "a");
        }

        // One after the other has no more room: the budget is for all together.
        await Eventually.TrueAsync(() => rig.Dispatcher.LiveCount == 0, "all read history");

        var seen = Enumerable.Range(0, 20).Select(_ => new List<long>()).ToList();
        while (seen.Any(revisions => revisions.Count < 1_000))
        {
            var answer = await stream.NextAsync();
            seen[(int)answer.WatchId].AddRange(answer.Events.Select(one => one.Kv.ModRevision));
        }

        Assert.All(seen, revisions => Assert.Equal(Enumerable.Range(2, 1_000).Select(i => (long)i), revisions));
        await Eventually.TrueAsync(() => rig.Dispatcher.LiveCount == 20, "all are live again");
    }

    [Fact]
    public async Task Compaction_that_overtakes_a_slow_client_ends_the_watch_with_the_place_to_go_on_from()
    {
        await using var rig = new SessionRig(Tiny);
        var stream = rig.Open(repliesMax: 1);
        stream.Send(Create("a"));
        stream.Send(Create("b"));
        await stream.CreatedAsync(0);
        await stream.CreatedAsync(1);
        await Eventually.TrueAsync(() => rig.Dispatcher.LiveCount == 2, "both are live");
        for (var i = 0; i < 100; i++)
        {
            rig.Store.Put($"{i}", "a");
        }

        await Eventually.TrueAsync(() => rig.Dispatcher.LiveCount == 1, "the one with many events reads history");
        rig.Store.Compact(90);
        await Eventually.TrueAsync(() => rig.Dispatcher.View.CompactedRevision == 90, "the compaction was seen");

        var last = 1L;
        var answer = await stream.NextAsync();
        while (answer.Events.Count > 0)
        {
            Assert.Equal(last + 1, answer.Events[0].Kv.ModRevision);
            last = answer.Events[^1].Kv.ModRevision;
            answer = await stream.NextAsync();
        }

        Assert.True(last < 90);
        Assert.True(answer is { WatchId: 0, Canceled: true, CompactRevision: 90, CancelReason: "", Header.Revision: 0 }, answer.ToString());

        // The other one, which had nothing to wait for, is not touched.
        rig.Store.Put("1", "b");
        Assert.Equal(["102 PUT b=1"], await stream.EventsAsync(1, id: 1));
    }

    [Fact]
    public async Task Ten_thousand_watches_share_a_stream_and_each_sees_its_own()
    {
        const int Count = 10_000;
        await using var rig = new SessionRig();
        var stream = rig.Open();
        for (var id = 0; id < Count; id++)
        {
            stream.Send(Create($"k{id}"));
        }

        for (var id = 0; id < Count; id++)
        {
            await stream.CreatedAsync(id);
        }

        await Eventually.TrueAsync(() => rig.Dispatcher.LiveCount == Count, "all are live");
        Assert.Equal(Count, rig.Dispatcher.OpenCount);
        foreach (var id in new[] { 0, 4_711, Count - 1 })
        {
            var revision = rig.Store.Put("v", $"k{id}");
            Assert.Equal([$"{revision} PUT k{id}=v"], await stream.EventsAsync(1, id));
        }

        // One revision that all of them see.
        var everywhere = rig.Store.Put("all", Enumerable.Range(0, Count).Select(id => $"k{id}").ToArray());
        var told = new HashSet<long>();
        while (told.Count < Count)
        {
            var answer = await stream.NextAsync();
            Assert.Equal([$"{everywhere} PUT k{answer.WatchId}=all"], answer.Events.Select(Show));
            Assert.True(told.Add(answer.WatchId));
        }

        for (var id = 0; id < Count; id++)
        {
            stream.Send(Cancel(id));
        }

        for (var id = 0; id < Count; id++)
        {
            Assert.True(await stream.NextAsync() is { Canceled: true } answer && answer.WatchId == id);
        }

        await Eventually.TrueAsync(() => rig.Dispatcher is { LiveCount: 0, OpenCount: 0 }, "nothing is left of them");
    }

    [Fact]
    public async Task A_stream_that_ends_takes_all_its_watches_along()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        for (var id = 0; id < 1_000; id++)
        {
            stream.Send(Create("a"));
            await stream.CreatedAsync(id);
        }

        stream.Abort();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.Call.WaitAsync(Eventually.Deadline));
        await Eventually.TrueAsync(() => rig.Dispatcher is { LiveCount: 0, OpenCount: 0 }, "nothing is left of them");
    }

    [Fact]
    public async Task A_member_with_as_many_watches_as_it_takes_refuses_the_next_one_alone()
    {
        await using var rig = new SessionRig(new WatchOptions { Lanes = 1, MultiplexedMax = 2 });
        var stream = rig.Open();
        stream.Send(Create("a"));
        stream.Send(Create("b"));
        stream.Send(Create("c"));
        stream.Send(Cancel(0));
        stream.Send(Create("c"));

        await stream.CreatedAsync(0);
        await stream.CreatedAsync(1);
        var refused = await stream.NextAsync();
        Assert.True(refused is { WatchId: -1, Canceled: true, Created: true });
        Assert.Contains("too many watches", refused.CancelReason, StringComparison.Ordinal);
        Assert.True((await stream.NextAsync()).Canceled);
        await stream.CreatedAsync(2);
    }

    [Fact]
    public async Task A_client_that_reads_no_answers_cannot_pile_up_requests()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open(repliesMax: 1);
        for (var i = 0; i < 5_000; i++)
        {
            stream.Send(Create("a"));
        }

        // What is not read stays with the client.
        await stream.CreatedAsync(0);
        Assert.InRange(rig.Dispatcher.OpenCount, 1, 200);
        for (var id = 1; id < 5_000; id++)
        {
            await stream.CreatedAsync(id);
        }
    }
}

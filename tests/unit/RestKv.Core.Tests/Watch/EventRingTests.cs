using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Watch;
using RestKv.Raft;

namespace RestKv.Core.Tests.Watch;

public sealed class EventRingTests
{
    private static readonly WatchLimits Small = new() { RingEventsMax = 5, RingBytesMax = 1_000 };

    [Fact]
    public void Gives_events_in_order_and_marks_the_last_of_each_revision()
    {
        for (var seed = 1UL; seed <= 500; seed++)
        {
            var random = new SplitMix64(seed);
            var ring = new EventRing(new WatchLimits { RingEventsMax = 10_000, RingBytesMax = 1 << 30 });
            var pushed = new List<WatchEvent>();
            var read = new List<(WatchEvent Item, bool Ends)>();
            for (var revision = 2L; revision < 60; revision++)
            {
                var count = random.Next(4);
                for (var sub = 0; sub < count; sub++)
                {
                    pushed.Add(Event(revision, sub));
                    Assert.True(ring.Push(pushed[^1]));
                }

                ring.Publish();
                for (var reads = random.Next(6); reads > 0 && ring.TryPop(out var item, out var ends); reads--)
                {
                    read.Add((item!, ends));
                }
            }

            while (ring.TryPop(out var item, out var ends))
            {
                read.Add((item!, ends));
            }

            Assert.Equal(pushed, read.Select(pair => pair.Item));
            for (var i = 0; i < read.Count; i++)
            {
                var isLast = i + 1 == read.Count || read[i + 1].Item.Revision != read[i].Item.Revision;
                Assert.True(isLast == read[i].Ends, $"seed {seed} event {i}");
            }
        }
    }

    [Fact]
    public void Shows_nothing_of_a_revision_before_it_is_complete()
    {
        var ring = new EventRing(WatchLimits.Default);

        Assert.True(ring.Push(Event(2, 0)));
        Assert.False(ring.TryPop(out _, out _));
        Assert.True(ring.Push(Event(3, 0)));
        Assert.True(ring.TryPop(out var item, out var ends));
        Assert.True(ends);
        Assert.Equal(2, item!.Revision);
        Assert.False(ring.TryPop(out _, out _));
    }

    [Fact]
    public void Closes_at_the_revision_that_does_not_fit_and_shows_none_of_it()
    {
        var ring = new EventRing(Small);
        for (var sub = 0; sub < 4; sub++)
        {
            Assert.True(ring.Push(Event(2, sub)));
        }

        Assert.True(ring.Push(Event(3, 0)));
        Assert.False(ring.Push(Event(3, 1)));

        Assert.Equal(3, ring.ClosedAt);
        for (var sub = 0; sub < 4; sub++)
        {
            Assert.True(ring.TryPop(out var item, out var ends));
            Assert.Equal(2, item!.Revision);
            Assert.Equal(sub == 3, ends);
        }

        Assert.False(ring.TryPop(out _, out _));
    }

    [Fact]
    public void Counts_bytes_and_lets_one_large_event_through_alone()
    {
        var ring = new EventRing(Small);

        Assert.True(ring.Push(Event(2, 0, 5_000)));
        ring.Publish();
        Assert.False(ring.Push(Event(3, 0, 1)));
        Assert.Equal(3, ring.ClosedAt);
    }

    [Fact]
    public void Room_comes_back_as_events_are_read()
    {
        var ring = new EventRing(Small);
        for (var revision = 2L; revision < 1_000; revision++)
        {
            Assert.True(ring.Push(Event(revision, 0, 800)));
            ring.Publish();
            Assert.True(ring.TryPop(out _, out _));
        }
    }

    [Fact]
    public void Rings_of_one_reader_share_a_budget_and_an_event_too_many_closes_its_own_ring()
    {
        var budget = new RingBudget(5 * Event(2, 0).Weight);
        var first = new EventRing(WatchLimits.Default, budget);
        var second = new EventRing(WatchLimits.Default, budget);
        for (var sub = 0; sub < 4; sub++)
        {
            Assert.True(first.Push(Event(2, sub)));
        }

        Assert.True(second.Push(Event(3, 0)));
        Assert.False(second.Push(Event(3, 1)));

        // What was pushed of the revision that did not fit will not be read: its room is free again.
        Assert.Equal(3, second.ClosedAt);
        Assert.Equal(4 * Event(2, 0).Weight, budget.Waiting);
        Assert.True(first.Push(Event(3, 0)));
    }

    [Fact]
    public void What_was_read_or_abandoned_counts_no_more()
    {
        var budget = new RingBudget(1 << 20);
        var ring = new EventRing(WatchLimits.Default, budget);
        var left = new EventRing(WatchLimits.Default, budget);
        Assert.True(ring.Push(Event(2, 0)) && ring.Push(Event(3, 0)) && left.Push(Event(2, 0)) && left.Push(Event(2, 1)));
        ring.Publish();
        left.Publish();

        Assert.True(ring.TryPop(out _, out _));
        Assert.True(left.TryPop(out _, out _));
        left.Abandon();

        Assert.Equal(Event(3, 0).Weight, budget.Waiting);
    }

    private static WatchEvent Event(long revision, int sub, int valueLength = 0) => new(new Change(
        new KeyValue("k"u8.ToArray(), new byte[valueLength], revision, revision, 1, default, 0, ""),
        DeleteCause.None,
        sub,
        LastOfRevision: true,
        Previous: null));
}

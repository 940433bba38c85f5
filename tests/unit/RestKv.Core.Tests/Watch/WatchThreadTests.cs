using System.Collections.Concurrent;
using RestKv.Core.Model;
using RestKv.Core.Watch;
using RestKv.Raft;

namespace RestKv.Core.Tests.Watch;

/// <summary>
/// The one place where the kernel is shared by threads: the hub pushes on one, cursors read on others. Every revision has
/// one event here, so a gap, a repetition or a bookmark ahead of its event shows at once.
/// </summary>
public sealed class WatchThreadTests
{
    private const int Revisions = 30_000;

    private static readonly WatchLimits Small = new()
    {
        RingEventsMax = 40,
        TurnEvents = 9,
        TurnScan = 50,
        JoinRevisionsMax = 30,
    };

    [Fact]
    public async Task Readers_on_other_threads_see_every_revision_once()
    {
        var history = new WatchHistory();
        var hub = new WatchHub(history.Publish());
        var joins = new ConcurrentQueue<WatchCursor>();
        history.Put("k"u8.ToArray());
        hub.Advance(history.Publish());
        using var demoted = new ManualResetEventSlim();
        var readers = Enumerable.Range(1, 3).Select(seed => new Reader(hub, joins, demoted, (ulong)seed)).ToList();
        var running = readers.Select(reader => Task.Factory.StartNew(
            reader.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();

        var random = new SplitMix64(7);
        while (running.Exists(task => !task.IsCompleted))
        {
            while (joins.TryDequeue(out var cursor))
            {
                hub.Join(cursor);
            }

            // Half-way, and with somebody live, all readers rest until one of them has been found too slow: that must not
            // depend on how fast the machine is.
            if (history.Revision >= Revisions / 2 && hub.LiveCount > 0)
            {
                readers.ForEach(reader => reader.MustRest());
            }

            var end = demoted.IsSet || (history.Revision >= Revisions / 2 && hub.LiveCount > 0) ? Revisions : Revisions / 2;
            for (var i = random.Next(4); i > 0 && history.Revision < end; i--)
            {
                history.Put("k"u8.ToArray());
            }

            hub.Advance(history.Publish());
            hub.ClearWoken();
            if (history.Revision > Revisions / 2 && hub.Demotions > 0)
            {
                demoted.Set();
            }
        }

        await Task.WhenAll(running);
        Assert.All(readers, reader => Assert.Equal(Revisions, reader.Cursor.Position));
        Assert.True(hub.Demotions > 0, "no reader was ever too slow");
    }

    private sealed class Reader(WatchHub hub, ConcurrentQueue<WatchCursor> joins, ManualResetEventSlim demoted, ulong seed)
    {
        private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

        private volatile bool _mustRest;

        public WatchCursor Cursor { get; } =
            new(hub.Feed, new WatchFilter([WatchRange.Of(KeyRange.Single("k"u8.ToArray()))]), 2, limits: Small);

        public void MustRest() => _mustRest = true;

        public void Run()
        {
            var random = new SplitMix64(seed);
            var batch = new WatchBatch();
            var seen = 1L;
            var (moved, place) = (TimeProvider.System.GetTimestamp(), Cursor.Position);
            while (Cursor.Position < Revisions)
            {
                // Without an event for so long, that is, however long all of them take.
                (moved, place) = Cursor.Position == place ? (moved, place) : (TimeProvider.System.GetTimestamp(), Cursor.Position);
                Assert.True(TimeProvider.System.GetElapsedTime(moved) < Deadline, $"stuck at {place}");
                var turn = Cursor.Read(batch);
                foreach (var (item, endsRevision) in batch.Events)
                {
                    Assert.Equal(++seen, item.Revision);
                    Assert.True(endsRevision);
                }

                batch.Clear();
                Assert.Equal(seen, Cursor.Position);
                if (turn == WatchTurn.Join)
                {
                    joins.Enqueue(Cursor);
                }

                if (_mustRest)
                {
                    Assert.True(demoted.Wait(Deadline), $"nobody was demoted, {Cursor.Position}");
                }

                // Now and then a reader that takes its time.
                Thread.SpinWait(random.Next(200) == 0 ? 20_000 : random.Next(20));
            }
        }
    }
}

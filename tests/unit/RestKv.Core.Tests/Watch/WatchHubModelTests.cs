using RestKv.Core.Watch;
using RestKv.Raft;

namespace RestKv.Core.Tests.Watch;

/// <summary>Random histories, filters, readers of all speeds, compactions: every watcher against the naive model.</summary>
public sealed class WatchHubModelTests
{
    private static readonly WatchLimits Tiny = new()
    {
        RingEventsMax = 3,
        RingBytesMax = 1_000,
        TurnEvents = 2,
        TurnBytes = 300,
        TurnScan = 3,
        HardFactor = 2,
        JoinRevisionsMax = 2,
    };

    private static readonly WatchLimits Small = new()
    {
        RingEventsMax = 20,
        TurnEvents = 7,
        TurnScan = 11,
        HardFactor = 3,
        JoinRevisionsMax = 5,
    };

    [Fact]
    public void Every_watcher_sees_what_the_model_says_whatever_the_pace()
    {
        var totals = new Totals();
        for (var seed = 1UL; seed <= 600; seed++)
        {
            try
            {
                Run(seed, totals);
            }
            catch (Exception broken)
            {
                throw new InvalidOperationException($"seed {seed}", broken);
            }
        }

        // The run is worth nothing if the interesting things did not happen in it.
        Assert.True(totals.Events > 20_000, $"{totals}");
        Assert.True(totals.Demotions > 100, $"{totals}");
        Assert.True(totals.Compacted > 100, $"{totals}");
        Assert.True(totals.Snapshots > 100, $"{totals}");
        Assert.True(totals.Resets > 100, $"{totals}");
    }

    private static void Run(ulong seed, Totals totals)
    {
        var random = new SplitMix64(seed);
        var limits = (seed % 3) switch { 0 => WatchLimits.Default, 1 => Small, _ => Tiny };
        var budget = seed % 2 == 0 ? new RingBudget(random.Next(2_000)) : null;
        var history = new WatchHistory();
        var hub = new WatchHub(history.Publish());
        var probes = new List<WatchProbe>();
        for (var step = 0; step < 150; step++)
        {
            switch (random.Next(20))
            {
                case < 6:
                    history.WriteRandom(random, changesMax: random.Next(8) == 0 ? 30 : 3);
                    break;
                case < 10 when random.Next(8) == 0:
                    hub.Reset(history.Publish());
                    Wake(hub);
                    totals.Resets++;
                    break;
                case < 10:
                    hub.Advance(history.Publish());
                    Wake(hub);
                    break;
                case < 12 when probes.Count < 8:
                    probes.Add(Open(random, history, hub, limits, budget));
                    totals.Snapshots += probes[^1].Cursor.IsInSnapshot ? 1 : 0;
                    break;
                case < 17 when probes.Count > 0:
                    Read(probes[random.Next(probes.Count)], random, totals);
                    break;
                case 17:
                    JoinOne(hub, probes, random);
                    break;
                case 18 when history.Revision > history.CompactedRevision + 1 && random.Next(4) == 0:
                    history.Compact(history.CompactedRevision + 1 + random.Next((int)(history.Revision - history.CompactedRevision)));
                    break;
                case 19 when probes.Count > 0 && random.Next(4) == 0:
                    var leaving = probes[random.Next(probes.Count)];
                    hub.Remove(leaving.Cursor);
                    probes.Remove(leaving);
                    break;
                default:
                    break;
            }
        }

        Settle(history, hub, probes, random, totals);
        totals.Demotions += hub.Demotions;
        foreach (var probe in probes.Where(probe => !probe.IsCompacted))
        {
            probe.CheckComplete();
            totals.Events += probe.EventsSeen;
        }

        foreach (var probe in probes)
        {
            hub.Remove(probe.Cursor);
        }

        Assert.Equal(0, hub.LiveCount);
        Assert.Equal(0, budget?.Waiting ?? 0);
    }

    private static WatchProbe Open(SplitMix64 random, WatchHistory history, WatchHub hub, WatchLimits limits, RingBudget? budget)
    {
        var (_, ranges, types) = WatchRandom.Filter(random);
        var view = history.Publish();
        var from = random.Next(5) switch
        {
            0 => view.Revision + 1 + random.Next(10),
            1 => view.Revision + 1,
            _ => Math.Max(1, view.CompactedRevision) + random.Next((int)(view.Revision - view.CompactedRevision) + 1),
        };
        return random.Next(4) == 0
            ? new WatchProbe(history, hub, ranges, types, view.Revision + 1, view, limits, budget)
            : new WatchProbe(history, hub, ranges, types, from, null, limits, budget);
    }

    private static void Read(WatchProbe probe, SplitMix64 random, Totals totals)
    {
        // Also turns that nobody asked for must do no harm.
        if (probe.IsCompacted)
        {
            totals.Compacted++;
            probe.Restart();
        }
        else if (probe.IsAwake || random.Next(3) == 0)
        {
            probe.Turn();
        }
    }

    private static void JoinOne(WatchHub hub, List<WatchProbe> probes, SplitMix64 random)
    {
        var waiting = probes.Where(probe => probe.WantsJoin).ToList();
        if (waiting.Count > 0)
        {
            var probe = waiting[random.Next(waiting.Count)];
            probe.WantsJoin = false;
            hub.Join(probe.Cursor);
            Wake(hub);
        }
    }

    private static void Settle(
        WatchHistory history, WatchHub hub, List<WatchProbe> probes, SplitMix64 random, Totals totals)
    {
        hub.Advance(history.Publish());
        Wake(hub);
        for (var round = 0; probes.Any(probe => (probe.IsAwake || probe.WantsJoin) && !probe.IsCompacted); round++)
        {
            Assert.True(round < 20_000, "watchers never come to rest");
            Read(probes[random.Next(probes.Count)], random, totals);
            JoinOne(hub, probes, random);
        }
    }

    private static void Wake(WatchHub hub)
    {
        foreach (var cursor in hub.Woken)
        {
            ((WatchProbe)cursor.Owner!).IsAwake = true;
        }

        hub.ClearWoken();
    }

    private sealed record Totals
    {
        public long Events { get; set; }

        public long Demotions { get; set; }

        public long Compacted { get; set; }

        public long Snapshots { get; set; }

        public long Resets { get; set; }
    }
}

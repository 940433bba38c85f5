using RestKv.Core.Model;
using RestKv.Core.Watch;

namespace RestKv.Core.Tests.Watch;

/// <summary>
/// All interleavings of a few steps with the smallest ring: going live, falling back, coming again and being overtaken by
/// compaction happen at every place where they can.
/// </summary>
public sealed class WatchScheduleTests
{
    private const int Length = 8;

    private static readonly WatchLimits Tiniest = new()
    {
        RingEventsMax = 1,
        TurnEvents = 1,
        TurnScan = 1,
        HardFactor = 1,
        JoinRevisionsMax = 1,
    };

    private static readonly WatchLimits Roomier = Tiniest with { RingEventsMax = 3, HardFactor = 4, JoinRevisionsMax = 3 };

    private enum Step
    {
        Write = 0,
        WriteTwo = 1,
        Read = 2,
        Join = 3,
        Compact = 4,
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 4)]
    public void No_schedule_loses_or_repeats_an_event(bool roomier, int steps)
    {
        var limits = roomier ? Roomier : Tiniest;
        var demotions = 0L;
        foreach (var schedule in Schedules(Length, steps))
        {
            demotions += Run(schedule, limits);
        }

        Assert.True(demotions > 100, $"{demotions} demotions");
    }

    [Fact]
    public void No_schedule_with_compaction_loses_an_event_in_silence()
    {
        var demotions = 0L;
        foreach (var schedule in Schedules(Length - 1, 5))
        {
            demotions += Run(schedule, Tiniest);
        }

        Assert.True(demotions > 100, $"{demotions} demotions");
    }

    private static long Run(int[] schedule, WatchLimits limits)
    {
        var history = new WatchHistory();
        var hub = new WatchHub(history.Publish());
        var probe = new WatchProbe(history, hub, [WatchRange.Of(KeyRange.All)], WatchTypes.All, 2, null, limits);
        try
        {
            foreach (var step in schedule)
            {
                Take((Step)step, history, hub, probe);
            }

            for (var round = 0; (probe.IsAwake || probe.WantsJoin) && !probe.IsCompacted; round++)
            {
                Assert.True(round < 200);
                Take(Step.Read, history, hub, probe);
                Take(Step.Join, history, hub, probe);
            }

            if (!probe.IsCompacted)
            {
                probe.CheckComplete();
            }

            return hub.Demotions;
        }
        catch (Exception broken)
        {
            throw new InvalidOperationException(string.Join(' ', schedule.Select(step => (Step)step)), broken);
        }
    }

    private static void Take(Step step, WatchHistory history, WatchHub hub, WatchProbe probe)
    {
        switch (step)
        {
            case Step.Write:
                history.Put("a"u8.ToArray());
                Advance(history, hub, probe);
                break;
            case Step.WriteTwo:
                history.Put("a"u8.ToArray(), "b"u8.ToArray());
                Advance(history, hub, probe);
                break;
            case Step.Read when !probe.IsCompacted:
                probe.Turn();
                break;
            case Step.Join when probe.WantsJoin:
                probe.WantsJoin = false;
                hub.Join(probe.Cursor);
                probe.IsAwake = true;
                hub.ClearWoken();
                break;
            case Step.Compact when history.Revision > history.CompactedRevision:
                history.Compact(history.Revision);
                Advance(history, hub, probe);
                break;
            default:
                break;
        }
    }

    private static void Advance(WatchHistory history, WatchHub hub, WatchProbe probe)
    {
        hub.Advance(history.Publish());
        probe.IsAwake |= hub.Woken.Count > 0;
        hub.ClearWoken();
    }

    private static IEnumerable<int[]> Schedules(int length, int steps)
    {
        var schedule = new int[length];
        while (true)
        {
            yield return schedule;
            var at = 0;
            while (at < length && ++schedule[at] == steps)
            {
                schedule[at++] = 0;
            }

            if (at == length)
            {
                yield break;
            }
        }
    }
}

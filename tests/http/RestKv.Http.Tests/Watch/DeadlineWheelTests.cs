using RestKv.Api.Watch;

namespace RestKv.Http.Tests.Watch;

public sealed class DeadlineWheelTests
{
    [Fact]
    public void Nobody_is_called_late_and_nobody_twice()
    {
        var random = new Random(17);
        var wheel = new DeadlineWheel(tickMs: 10);
        var deadlines = new Dictionary<LaneSeat, long>();
        var due = new List<LaneSeat>();
        var seats = Enumerable.Range(0, 50).Select(_ => new LaneSeat(null!, null!)).ToList();
        for (long now = 0; now < 20_000; now += random.Next(1, 40))
        {
            var seat = seats[random.Next(seats.Count)];
            if (random.Next(3) == 0)
            {
                wheel.Remove(seat);
                deadlines.Remove(seat);
            }
            else
            {
                deadlines[seat] = now + random.Next(1, 5_000);
                wheel.Set(seat, deadlines[seat]);
            }

            wheel.Advance(now, due);
            foreach (var called in due)
            {
                // Early is allowed (a deadline may lie more than a turn ahead): it is set again, as a stream does.
                Assert.True(deadlines.Remove(called, out var deadline));
                if (deadline > now)
                {
                    deadlines[called] = deadline;
                    wheel.Set(called, deadline);
                }
            }

            due.Clear();
            Assert.All(deadlines.Values, deadline => Assert.True(deadline > now - 20, $"late at {now}"));
        }
    }

    [Fact]
    public void A_long_pause_calls_everyone_once()
    {
        var wheel = new DeadlineWheel(tickMs: 10);
        var seats = Enumerable.Range(0, 300).Select(_ => new LaneSeat(null!, null!)).ToList();
        for (var i = 0; i < seats.Count; i++)
        {
            wheel.Set(seats[i], (i + 1) * 10);
        }

        var due = new List<LaneSeat>();
        wheel.Advance(1_000_000, due);

        Assert.Equal(seats.Count, due.Count);
        Assert.Equal(seats.Count, due.Distinct().Count());
    }
}

using RestKv.Api.Hosting;

namespace RestKv.Api.Tests.Hosting;

/// <summary>How long bulk work rests.</summary>
public sealed class BackgroundPaceTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 6)]
    [InlineData(50, 100)]
    [InlineData(5000, 100)]
    public void A_rest_is_twice_the_piece_and_bounded(int pieceMs, int restMs) =>
        Assert.Equal(TimeSpan.FromMilliseconds(restMs), BackgroundPace.RestAfter(TimeSpan.FromMilliseconds(pieceMs)));

    [Fact]
    public void A_stop_ends_a_rest()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var clock = new StandingClock();
        var pace = new BackgroundPace(clock, stop.Token);

        // An hour went by in the piece; with a rest in proportion a thousand of them would take minutes.
        for (var i = 0; i < 1000; i++)
        {
            clock.Now += TimeSpan.FromHours(1).Ticks;
            pace.Rest();
        }

        Assert.Equal(2001, clock.Looks);
    }

    private sealed class StandingClock : TimeProvider
    {
        public long Now { get; set; }

        public int Looks { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp()
        {
            Looks++;
            return Now;
        }
    }
}

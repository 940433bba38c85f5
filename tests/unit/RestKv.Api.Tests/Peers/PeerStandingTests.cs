using RestKv.Api.Peers;
using RestKv.Raft;
using RestKv.Testing;

namespace RestKv.Api.Tests.Peers;

/// <summary>When a member that has started may take part.</summary>
public sealed class PeerStandingTests
{
    private static readonly PeerRefusal Loss = PeerRefusal.Lost(PeerRefusalKind.RolledBack, "1", "it lacks something");
    private readonly ManualClock _clock = new();

    [Fact]
    public void It_waits_for_every_judge_and_for_none_longer_than_its_patience()
    {
        using var standing = new PeerStanding([new NodeId(2), new NodeId(3)]);
        standing.Begin(_clock, TimeSpan.FromSeconds(1));
        Assert.False(standing.TakesPart);
        standing.Accepted(new NodeId(2));
        standing.Accepted(new NodeId(2));
        standing.Accepted(new NodeId(9));
        Assert.False(standing.TakesPart);
        standing.Accepted(new NodeId(3));
        Assert.True(standing.TakesPart);

        using var patient = new PeerStanding([new NodeId(2)]);
        patient.Begin(_clock, TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(patient.TakesPart);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(patient.TakesPart);
    }

    [Fact]
    public void Who_is_alone_waits_for_nobody()
    {
        using var standing = new PeerStanding([]);
        standing.Begin(_clock, TimeSpan.FromSeconds(1));

        Assert.True(standing.TakesPart);
        Assert.True(PeerStanding.Unquestioned().TakesPart);
    }

    [Fact]
    public void A_loss_is_for_ever_and_told_once()
    {
        var told = new List<PeerRefusal>();
        using var standing = new PeerStanding([new NodeId(2), new NodeId(3)], told.Add);
        standing.Begin(_clock, TimeSpan.FromSeconds(1));
        standing.Lose(Loss);
        standing.Lose(PeerRefusal.Lost(PeerRefusalKind.Wiped, "1"));

        standing.Accepted(new NodeId(2));
        standing.Accepted(new NodeId(3));
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.False(standing.TakesPart);
        Assert.Equal(Loss, standing.Loss);
        Assert.Equal([Loss], told);
    }
}

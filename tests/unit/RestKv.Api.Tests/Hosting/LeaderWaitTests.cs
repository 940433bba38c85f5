using RestKv.Api.Hosting;
using RestKv.Raft;
using RestKv.Testing;

namespace RestKv.Api.Tests.Hosting;

/// <summary>Requests wait out an election, and not for ever.</summary>
public sealed class LeaderWaitTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private readonly ManualClock _clock = new();
    private readonly LeaderWait _wait;

    public LeaderWaitTests() => _wait = new LeaderWait(_clock) { Patience = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task Who_comes_while_a_leader_is_known_does_not_wait()
    {
        _wait.Published(new NodeId(1));

        Assert.True(await _wait.WaitAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task Who_comes_in_an_election_goes_on_with_the_next_leader()
    {
        _wait.Published(new NodeId(1));
        _wait.Published(NodeId.None);
        var waiting = _wait.WaitAsync(Long).AsTask();
        Assert.False(waiting.IsCompleted);

        _wait.Published(new NodeId(2));

        Assert.True(await waiting);
    }

    [Fact]
    public async Task Patience_is_counted_from_the_loss_and_not_from_the_request()
    {
        _wait.Published(new NodeId(1));
        _clock.Advance(TimeSpan.FromHours(1));
        _wait.Published(NodeId.None);
        _clock.Advance(TimeSpan.FromSeconds(1.5));
        var waiting = _wait.WaitAsync(Long).AsTask();

        _clock.Advance(TimeSpan.FromSeconds(0.6));

        Assert.False(await waiting);
        Assert.False(await _wait.WaitAsync(Long));
    }

    [Fact]
    public async Task A_stop_lets_everybody_go()
    {
        var waiting = _wait.WaitAsync(Long).AsTask();

        _wait.End();
        _wait.Published(NodeId.None);

        Assert.True(await waiting);
        Assert.True(await _wait.WaitAsync(Long));
    }
}

using RestKv.Api.Hosting;
using RestKv.Raft;
using RestKv.Testing;

namespace RestKv.Api.Tests.Hosting;

/// <summary>Requests wait out an election or a hand-over, and not for ever.</summary>
public sealed class LeaderWaitTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private readonly ManualClock _clock = new();
    private readonly LeaderWait _wait;

    public LeaderWaitTests() => _wait = new LeaderWait(_clock) { Patience = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task Who_was_refused_before_a_leader_became_known_does_not_wait()
    {
        var seen = _wait.Now;
        Publish(1, 1);

        Assert.True(await _wait.WaitAsync(seen, TimeSpan.Zero));
    }

    [Fact]
    public async Task Who_comes_in_an_election_goes_on_with_the_next_leader()
    {
        Publish(1, 1);
        Publish(0, 2);
        var waiting = _wait.WaitAsync(_wait.Now, Long).AsTask();
        Assert.False(waiting.IsCompleted);

        Publish(2, 2);

        Assert.True(await waiting);
    }

    [Fact]
    public async Task What_a_leader_gave_back_waits_for_another()
    {
        Publish(1, 1);
        var waiting = _wait.WaitAsync(_wait.Now, Long).AsTask();
        Publish(1, 1);
        Assert.False(waiting.IsCompleted);

        Publish(0, 2);
        Assert.False(waiting.IsCompleted);
        Publish(2, 2);

        Assert.True(await waiting);
    }

    [Fact]
    public async Task What_a_leader_gave_back_is_shown_to_it_again_after_a_moment()
    {
        Publish(1, 1);
        var waiting = _wait.WaitAsync(_wait.Now, Long).AsTask();
        Assert.False(waiting.IsCompleted);

        _clock.Advance(TimeSpan.FromMilliseconds(10));

        Assert.True(await waiting);
    }

    [Fact]
    public async Task The_same_leader_in_a_later_term_is_another()
    {
        Publish(1, 1);
        var seen = _wait.Now;
        Publish(1, 3);

        Assert.True(await _wait.WaitAsync(seen, TimeSpan.Zero));
    }

    [Fact]
    public async Task Patience_is_counted_from_the_loss_and_not_from_the_request()
    {
        Publish(1, 1);
        _clock.Advance(TimeSpan.FromHours(1));
        Publish(0, 1);
        _clock.Advance(TimeSpan.FromSeconds(1.5));

        // A member that stands for election again and again has lost no leader anew.
        Publish(0, 2);
        var waiting = _wait.WaitAsync(_wait.Now, Long).AsTask();

        _clock.Advance(TimeSpan.FromSeconds(0.6));

        Assert.False(await waiting);
        Assert.False(await _wait.WaitAsync(_wait.Now, Long));
    }

    [Fact]
    public async Task The_time_of_the_request_is_a_limit_too()
    {
        Publish(1, 1);
        var waiting = _wait.WaitAsync(_wait.Now, TimeSpan.FromMilliseconds(5)).AsTask();

        _clock.Advance(TimeSpan.FromMilliseconds(5));

        Assert.False(await waiting);
    }

    [Fact]
    public async Task A_stop_lets_everybody_go()
    {
        var waiting = _wait.WaitAsync(_wait.Now, Long).AsTask();

        _wait.End();
        Publish(0, 1);

        Assert.True(await waiting);
        Assert.True(await _wait.WaitAsync(_wait.Now, Long));
    }

    private void Publish(long leader, long term) => _wait.Published(new NodeId(leader), new Term(term));
}

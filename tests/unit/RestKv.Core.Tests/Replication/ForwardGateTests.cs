using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

public sealed class ForwardGateTests
{
    private readonly ForwardGate _gate = new();

    [Fact]
    public void Each_number_passes_once_in_any_order()
    {
        Assert.True(IsFirst(1000));
        Assert.True(IsFirst(1003));
        Assert.True(IsFirst(998));
        Assert.True(IsFirst(1001));
        Assert.False(IsFirst(1000));
        Assert.False(IsFirst(998));
        Assert.False(IsFirst(1003));
        Assert.True(IsFirst(1002));
    }

    [Fact]
    public void What_is_too_old_to_tell_from_a_copy_does_not_pass()
    {
        Assert.True(IsFirst(10_000));
        Assert.True(IsFirst(10_000 + ForwardGate.Window));

        Assert.False(IsFirst(10_000));
        Assert.True(IsFirst(10_001));
    }

    [Fact]
    public void A_jump_forgets_exactly_what_left_the_window()
    {
        var random = new SplitMix64(5);
        HashSet<long> seen = [];
        var newest = 0L;
        for (var i = 0; i < 50_000; i++)
        {
            var round = 100_000 + (3 * i) + random.Next(2 * ForwardGate.Window);
            newest = Math.Max(newest, round);

            Assert.Equal(round > newest - ForwardGate.Window && seen.Add(round), IsFirst(round));
        }
    }

    [Fact]
    public void Members_and_their_lives_are_apart_and_an_older_life_is_over()
    {
        Assert.True(IsFirst(5, incarnation: 2));
        Assert.True(_gate.IsFirst(new NodeId(8), 2, new ReadId(5)));
        Assert.True(IsFirst(5, incarnation: 3));
        Assert.False(IsFirst(6, incarnation: 2));
        Assert.False(IsFirst(5, incarnation: 3));
    }

    [Fact]
    public void A_new_leadership_begins_anew()
    {
        Assert.True(IsFirst(5));

        _gate.Begin(new Term(4));

        Assert.Equal(new Term(4), _gate.Term);
        Assert.True(IsFirst(5));
    }

    private bool IsFirst(long round, long incarnation = 1) => _gate.IsFirst(new NodeId(7), incarnation, new ReadId(round));
}

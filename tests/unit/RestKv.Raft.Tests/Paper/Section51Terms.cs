using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests.Paper;

/// <summary>Section 5.1: terms are a logical clock, and a stale one is found out.</summary>
public sealed class Section51Terms
{
    [Theory]
    [InlineData(MessageKind.Append)]
    [InlineData(MessageKind.Heartbeat)]
    [InlineData(MessageKind.AppendReply)]
    [InlineData(MessageKind.HeartbeatReply)]
    public void Leader_that_sees_a_higher_term_becomes_follower_in_it(MessageKind kind)
    {
        var group = Group.Led(3);

        group[1].Core.Step(Group.From(2, 1, kind, term: 7));

        Assert.Equal(RaftRole.Follower, group[1].Core.Role);
        Assert.Equal(new Term(7), group[1].Core.Term);
    }

    [Fact]
    public void New_term_is_durable_before_any_answer_in_it_leaves()
    {
        var group = Group.Led(3);
        group[2].Core.Step(Group.From(3, 2, MessageKind.Heartbeat, term: 7));

        var ready = group[2].Collect();

        Assert.Equal(new Term(7), ready.HardState!.Value.Term);
        Assert.True(ready.NeedsFlush);
        Assert.Empty(ready.SendNow);
        Assert.Equal(MessageKind.HeartbeatReply, Assert.Single(ready.SendAfterPersist).Kind);
    }

    [Fact]
    public void Leader_of_an_old_term_is_told_of_the_new_one()
    {
        var group = Group.Led(3);

        group[2].Core.Step(Group.From(3, 2, MessageKind.Heartbeat, term: 7));
        group.Tick();

        Assert.Equal(new Term(7), group[1].Core.Term);
        Assert.Equal(RaftRole.Follower, group[1].Core.Role);
    }

    [Fact]
    public void Messages_of_an_old_term_change_nothing()
    {
        var group = Group.Led(3);
        group.Propose(1, "a");
        group.Settle();
        var before = group[1].Core.Status;

        foreach (var kind in Enum.GetValues<MessageKind>())
        {
            group[1].Core.Step(Group.From(2, 1, kind, term: 0) with { Index = new LogIndex(99) });
        }

        var after = group[1].Core.Status;
        Assert.Equal(before with { Peers = [] }, after with { Peers = [] });
        Assert.Equal(before.Peers, after.Peers);
    }

    [Fact]
    public void Misrouted_and_nameless_messages_are_dropped()
    {
        var group = Group.Led(3);

        group[1].Core.Step(Group.From(2, 3, MessageKind.Append, term: 9));
        group[1].Core.Step(Group.From(0, 1, MessageKind.Append, term: 9));
        group[1].Core.Step(Group.From(1, 1, MessageKind.Append, term: 9));
        group[1].Core.Step(Group.From(2, 1, MessageKind.None, term: 9));

        Assert.Equal(new Term(1), group[1].Core.Term);
    }
}

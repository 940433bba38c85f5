using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests.Paper;

/// <summary>Section 8, and 6.4 of the dissertation: linearizable reads without log entries.</summary>
public sealed class Section8Reads
{
    [Fact]
    public void Lone_voter_confirms_at_once_and_without_messages()
    {
        var group = Group.Led(1);
        group.Propose(1, "a");
        group.Settle();

        var id = group[1].Core.RequestRead();
        var ready = group[1].Collect();

        Assert.Equal(new ReadState(id, new LogIndex(2), true), Assert.Single(ready.Reads));
        Assert.Empty(ready.SendNow);
    }

    [Fact]
    public void New_leader_answers_no_read_before_the_first_commit_of_its_term()
    {
        var group = new Group(1);
        group[1].Core.Tick();
        group.Collect();
        group[1].Flush();
        group[1].Core.RequestRead();
        group.Collect();
        Assert.Empty(group[1].Reads);
        Assert.False(group[1].Core.HasReady);

        group[1].Flush();
        group.Collect();

        Assert.True(Assert.Single(group[1].Reads).Confirmed);
    }

    [Fact]
    public void Late_joiner_is_not_confirmed_by_a_round_that_was_under_way()
    {
        var group = Group.Led(3, new RaftConfig { ReadRoundsMax = 1 });
        var early = group[1].Core.RequestRead();
        group.Collect();
        var late = group[1].Core.RequestRead();
        group.Collect();
        group.Deliver();
        group.Collect();
        group.Deliver(message => message.From == Group.Node(2));
        group[1].Collect();

        Assert.Equal([early], group[1].Ready.Reads.Select(read => read.Id));
        group.Settle();
        Assert.Equal([early, late], group[1].Reads.Select(read => read.Id));
    }

    [Fact]
    public void Reads_between_two_collections_share_one_round()
    {
        var group = Group.Led(3);
        for (var i = 0; i < 50; i++)
        {
            group[1].Core.RequestRead();
        }

        Assert.Equal(2, group[1].Collect().SendNow.Count);
        group.Settle();
        Assert.Equal(50, group[1].Reads.Count(read => read.Confirmed));
    }

    [Fact]
    public void Lost_round_is_made_good_by_the_next_heartbeat()
    {
        var group = Group.Led(3);
        group[1].Core.RequestRead();
        group.Collect();
        group.Network.Clear();

        group.Tick();

        Assert.True(Assert.Single(group[1].Reads).Confirmed);
    }

    [Fact]
    public void Answers_of_learners_and_strangers_confirm_nothing()
    {
        var group = new Group([1, 2, 3], [4]);
        group.Elect(1);
        group.Isolate(2);
        group.Isolate(3);
        group[1].Core.RequestRead();
        group.Collect();

        group[1].Core.Step(Group.From(4, 1, MessageKind.HeartbeatReply, term: 1) with { Round = new ReadId(1) });
        group[1].Core.Step(Group.From(9, 1, MessageKind.HeartbeatReply, term: 1) with { Round = new ReadId(1) });
        group[1].Core.Step(Group.From(2, 1, MessageKind.HeartbeatReply, term: 1) with { Round = new ReadId(99) });
        group.Settle();

        Assert.Empty(group[1].Reads);
    }

    [Fact]
    public void Round_needs_a_majority_not_an_answer()
    {
        var group = Group.Led(5);
        group.Isolate(3);
        group.Isolate(4);
        group.Isolate(5);
        group[1].Core.RequestRead();
        group.Settle();
        Assert.Empty(group[1].Reads);

        group.Heal();
        group.Isolate(5);
        group.Tick();

        Assert.True(Assert.Single(group[1].Reads).Confirmed);
    }

    [Fact]
    public void Follower_reads_at_an_index_that_covers_all_commits_before_it_asked()
    {
        var group = Group.Led(3);
        group.Isolate(3);
        var index = group.Propose(1, "a");
        group.Settle();
        group.Heal();

        var id = group[3].Core.RequestRead();
        group.Settle();

        Assert.Equal(new ReadState(id, index, true), Assert.Single(group[3].Reads));
    }

    [Fact]
    public void Reads_of_a_leader_that_loses_office_are_refused()
    {
        var group = Group.Led(3);
        group.Isolate(1);
        var started = group[1].Core.RequestRead();
        group.Collect();
        group[1].Core.Step(Group.From(2, 1, MessageKind.Heartbeat, term: 9));
        group.Collect();

        Assert.Equal(new ReadState(started, LogIndex.Zero, false), Assert.Single(group[1].Reads));
    }

    [Fact]
    public void Reads_a_follower_asked_a_former_leader_for_are_refused_and_a_late_answer_is_dropped()
    {
        var group = Group.Led(3);
        var id = group[2].Core.RequestRead();
        group.Collect();
        group[2].Core.Step(Group.From(3, 2, MessageKind.Heartbeat, term: 2));
        group[2].Core.Step(Group.From(3, 2, MessageKind.ReadIndexReply, term: 2) with { Round = id, Index = new LogIndex(1) });
        group.Collect();

        Assert.Equal(new ReadState(id, LogIndex.Zero, false), Assert.Single(group[2].Reads));
    }

    [Fact]
    public void Member_without_a_leader_refuses_at_once()
    {
        var group = new Group(3);

        var id = group[1].Core.RequestRead();
        group.Collect();

        Assert.Equal(new ReadState(id, LogIndex.Zero, false), Assert.Single(group[1].Reads));
    }

    [Fact]
    public void Unanswered_question_is_given_up_and_the_member_may_ask_anew()
    {
        var group = Group.Led(3);
        group[2].Core.RequestRead();
        group.Collect();
        group.Network.Clear();
        group.Tick(new RaftConfig().ElectionTicksMax);
        Assert.False(Assert.Single(group[2].Reads).Confirmed);

        group[2].Core.RequestRead();
        group.Settle();

        Assert.Equal(Group.Node(1), group[2].Core.Leader);
        Assert.True(group[2].Reads[^1].Confirmed);
    }

    [Fact]
    public void Numbers_of_one_life_mean_nothing_in_the_next()
    {
        var group = Group.Led(3);
        var old = group[2].Core.RequestRead();
        group.Collect();
        group.Deliver(message => message.Kind == MessageKind.ReadIndex);
        group.Forget(2);
        group.Tick();

        Assert.Empty(group[2].Reads);
        var ids = Enumerable.Range(0, 100).Select(_ => group[2].Core.RequestRead()).ToList();
        Assert.DoesNotContain(old, ids);
        Assert.Equal(100, ids.Distinct().Count());
    }

    [Fact]
    public void Reads_beyond_the_limit_are_refused_and_not_queued()
    {
        var group = Group.Led(3, new RaftConfig { ReadsWaitingMax = 2 });
        group.Isolate(1);

        for (var i = 0; i < 5; i++)
        {
            group[1].Core.RequestRead();
        }

        group.Collect();
        Assert.Equal(3, group[1].Reads.Count(read => !read.Confirmed));
    }

    [Fact]
    public void Answers_in_any_order_find_their_reads()
    {
        var group = Group.Led(3);
        var ids = Enumerable.Range(0, 5).Select(_ => group[2].Core.RequestRead()).ToList();
        foreach (var at in new[] { 3, 0, 4, 4, 1, 2 })
        {
            group[2].Core.Step(Group.From(1, 2, MessageKind.ReadIndexReply, term: 1) with { Round = ids[at], Index = new LogIndex(at + 1) });
        }

        group.Collect();

        Assert.Equal(
            [(ids[3], 4L), (ids[0], 1L), (ids[4], 5L), (ids[1], 2L), (ids[2], 3L)],
            group[2].Reads.Select(read => (read.Id, read.Index.Value)));
    }
}

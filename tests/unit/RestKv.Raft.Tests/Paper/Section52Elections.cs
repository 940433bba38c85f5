using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests.Paper;

/// <summary>Section 5.2: leader election; with the pre-vote and stickiness of section 9.6 and 4.2.3 of the dissertation.</summary>
public sealed class Section52Elections
{
    [Fact]
    public void Lone_voter_leads_after_one_tick_and_its_own_flush()
    {
        var group = new Group(1);

        group[1].Core.Tick();
        group.Collect();
        Assert.Equal(RaftRole.Candidate, group[1].Core.Role);
        group[1].Flush();

        Assert.Equal(RaftRole.Leader, group[1].Core.Role);
        Assert.Equal(LogIndex.Zero, group[1].Core.Committed);
    }

    [Fact]
    public void Lone_voter_with_a_slow_disk_campaigns_once()
    {
        var group = new Group(1);

        for (var tick = 0; tick < 100; tick++)
        {
            group[1].Core.Tick();
            group.Collect();
        }

        Assert.Equal(new Term(1), group[1].Core.Term);
        group[1].Flush();
        Assert.True(group[1].IsLeader);
    }

    [Theory]
    [InlineData(2, 0, true)]
    [InlineData(3, 1, true)]
    [InlineData(3, 2, false)]
    [InlineData(4, 1, true)]
    [InlineData(4, 2, false)]
    [InlineData(5, 2, true)]
    [InlineData(5, 3, false)]
    public void Candidate_needs_a_majority(int voters, int silent, bool wins)
    {
        var group = new Group(voters);
        for (var id = voters; id > voters - silent; id--)
        {
            group.Isolate(id);
        }

        group.Campaign(1);
        group.Settle();

        Assert.Equal(wins, group[1].IsLeader);
    }

    [Fact]
    public void Vote_is_given_once_a_term_even_across_a_crash()
    {
        var group = new Group(3);
        group[3].Core.Step(Group.From(1, 3, MessageKind.Vote, term: 1));
        group.Collect();
        group[3].Flush();
        Assert.False(group.Network[^1].Reject);

        group[3].Restart(flushed: 0, seed: 5);
        group[3].Core.Step(Group.From(2, 3, MessageKind.Vote, term: 1));
        group.Collect();
        Assert.True(group.Network[^1].Reject);

        group[3].Core.Step(Group.From(1, 3, MessageKind.Vote, term: 1));
        group.Collect();
        Assert.False(group.Network[^1].Reject);
    }

    [Fact]
    public void Vote_leaves_only_when_it_is_durable()
    {
        var group = new Group(3);
        group[3].Core.Step(Group.From(1, 3, MessageKind.Vote, term: 1));

        group.Collect();
        Assert.Empty(group.Network);

        group[3].Flush();
        Assert.Equal(MessageKind.VoteReply, Assert.Single(group.Network).Kind);
    }

    [Fact]
    public void Requests_for_votes_leave_only_when_the_new_term_is_durable()
    {
        var group = new Group(3);
        group.Campaign(1);
        group.Collect();
        group.Deliver();
        group.Collect();
        group.Deliver();
        group.Collect();
        Assert.Equal(RaftRole.Candidate, group[1].Core.Role);
        Assert.DoesNotContain(group.Network, message => message.Kind == MessageKind.Vote);

        group[1].Flush();

        Assert.Equal(2, group.Network.Count(message => message.Kind == MessageKind.Vote));
    }

    [Fact]
    public void Candidate_yields_to_a_leader_of_its_term()
    {
        var group = new Group(3);
        group[1].Core.Step(Group.From(2, 1, MessageKind.TimeoutNow, term: 0));
        Assert.Equal(RaftRole.Candidate, group[1].Core.Role);

        var term = (int)group[1].Core.Term.Value;
        group[1].Core.Step(Group.From(3, 1, MessageKind.Heartbeat, term));

        Assert.Equal((RaftRole.Follower, Group.Node(3)), (group[1].Core.Role, group[1].Core.Leader));
    }

    [Fact]
    public void Second_leader_of_one_term_is_not_believed()
    {
        var group = Group.Led(3);

        group[1].Core.Step(Group.From(2, 1, MessageKind.Heartbeat, term: 1));
        group[3].Core.Step(Group.From(2, 3, MessageKind.Heartbeat, term: 1));

        Assert.True(group[1].IsLeader);
        Assert.Equal(Group.Node(1), group[3].Core.Leader);
    }

    [Fact]
    public void Timeouts_lie_within_the_bounds_and_spread_over_them()
    {
        var config = new RaftConfig { ElectionTicksMin = 10, ElectionTicksMax = 20 };
        var waits = new HashSet<int>();
        for (ulong seed = 0; seed < 200; seed++)
        {
            var image = new RaftImage(Group.Node(1), default, SnapshotMark.Origin(new Group(3).MembershipOf([1, 2, 3], [])), []);
            var core = RaftCore.Restore(config, image, seed);
            var wait = 0;
            while (core.Role == RaftRole.Follower)
            {
                core.Tick();
                wait++;
            }

            waits.Add(wait);
        }

        Assert.Equal(Enumerable.Range(10, 10), waits.Order());
    }

    [Fact]
    public void Members_given_the_same_seed_do_not_campaign_in_step()
    {
        var membership = new Group(5).MembershipOf([1, 2, 3, 4, 5], []);
        var waits = new HashSet<int>();
        for (var id = 1; id <= 5; id++)
        {
            var core = RaftCore.Restore(
                new RaftConfig { ElectionTicksMin = 50, ElectionTicksMax = 500 },
                new RaftImage(Group.Node(id), default, SnapshotMark.Origin(membership), []),
                seed: 42);
            var wait = 0;
            for (; core.Role == RaftRole.Follower; wait++)
            {
                core.Tick();
            }

            waits.Add(wait);
        }

        Assert.Equal(5, waits.Count);
    }

    [Fact]
    public void Isolated_member_raises_no_term_and_disturbs_nobody_when_it_returns()
    {
        var group = Group.Led(3);
        group.Isolate(3);
        group.Tick(50);
        Assert.Equal(RaftRole.PreCandidate, group[3].Core.Role);

        group.Heal();
        group.Tick(3);

        Assert.True(group[1].IsLeader);
        Assert.Equal(new Term(1), group[3].Core.Term);
        Assert.Equal(Group.Node(1), group[3].Core.Leader);
    }

    [Fact]
    public void Vote_request_of_a_higher_term_is_ignored_while_the_leader_is_heard()
    {
        var group = Group.Led(3);
        var request = Group.From(3, 2, MessageKind.Vote, term: 9) with { Index = new LogIndex(50), LogTerm = new Term(8) };

        group[2].Core.Step(request);
        Assert.Equal(new Term(1), group[2].Core.Term);

        group[2].Core.Step(request with { Transfer = true });
        Assert.Equal(new Term(9), group[2].Core.Term);
    }

    [Fact]
    public void Leader_steps_down_when_quorum_is_silent()
    {
        var group = Group.Led(5);
        group.Isolate(1);
        var ticks = 0;

        while (group[1].IsLeader && ticks < 100)
        {
            group[1].Core.Tick();
            ticks++;
        }

        Assert.Equal(new RaftConfig().ElectionTicksMin, ticks);
        Assert.Equal(NodeId.None, group[1].Core.Leader);
    }

    [Fact]
    public void Leader_stays_while_a_bare_majority_answers()
    {
        var group = Group.Led(5);
        group.Isolate(4);
        group.Isolate(5);

        group.Tick(60);

        Assert.True(group[1].IsLeader);
        Assert.Equal(new Term(1), group[1].Core.Term);
    }

    [Fact]
    public void Group_without_leader_elects_one_whatever_the_seeds()
    {
        for (var voters = 1; voters <= 5; voters++)
        {
            var group = new Group(voters);

            group.Tick(60);

            var leader = group.Leader;
            Assert.All(group.Members.Values, member => Assert.Equal(leader.Id, member.Core.Leader));
        }
    }

    [Fact]
    public void Lost_connection_to_the_leader_brings_an_election_within_two_ticks()
    {
        var group = Group.Led(3);
        group.Isolate(1);
        group[2].Core.PeerLost(Group.Node(1));
        group[3].Core.PeerLost(Group.Node(1));
        Assert.Equal(NodeId.None, group[2].Core.Leader);

        group[2].Core.Tick();
        group.Settle();
        group[2].Core.Tick();
        group.Settle();

        Assert.True(group[2].IsLeader);
    }

    [Fact]
    public void Lost_connection_to_somebody_else_changes_nothing()
    {
        var group = Group.Led(3);

        group[2].Core.PeerLost(Group.Node(3));

        Assert.Equal(Group.Node(1), group[2].Core.Leader);
    }

    [Fact]
    public void Leader_with_a_stuck_disk_hands_over_but_a_lone_one_waits()
    {
        var config = new RaftConfig();
        var three = Group.Led(3);
        var one = Group.Led(1);
        three.Propose(1, "a");
        one.Propose(1, "a");

        for (var tick = 0; tick <= config.ElectionTicksMax; tick++)
        {
            three[1].Core.Tick();
            one[1].Core.Tick();
            three.Collect();
            one.Collect();
            three[2].FlushAll();
            three[3].FlushAll();
            three.Deliver();
        }

        Assert.False(three[1].IsLeader);
        Assert.True(one[1].IsLeader);
    }
}

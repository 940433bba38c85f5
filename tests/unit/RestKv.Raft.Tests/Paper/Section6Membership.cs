using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests.Paper;

/// <summary>Section 6, and chapter 4 of the dissertation: changing who belongs to the group, one member at a time.</summary>
public sealed class Section6Membership
{
    [Fact]
    public void Change_is_refused_before_the_first_commit_of_the_term()
    {
        var group = new Group(3);
        group.Campaign(1);
        while (!group[1].IsLeader)
        {
            group.Collect();
            group.FlushAll();
            group.Deliver();
        }

        Assert.Equal(ProposeVerdict.Refused, Change(group, [1, 2, 3], [4]));
        group.Settle();
        Assert.Equal(ProposeVerdict.Accepted, Change(group, [1, 2, 3], [4]));
    }

    [Fact]
    public void Only_one_change_is_under_way()
    {
        var group = Group.Led(3);

        Assert.Equal(ProposeVerdict.Accepted, Change(group, [1, 2, 3], [4]));
        Assert.Equal(ProposeVerdict.Refused, Change(group, [1, 2, 3], [4, 5]));
        group.Settle();
        Assert.Equal(ProposeVerdict.Accepted, Change(group, [1, 2, 3], [4, 5]));
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3 }, new int[0])]
    [InlineData(new[] { 1, 2, 3, 4 }, new int[0])]
    [InlineData(new[] { 1 }, new int[0])]
    [InlineData(new[] { 1, 2 }, new[] { 4 })]
    [InlineData(new[] { 1, 2, 3 }, new[] { 4, 5 })]
    [InlineData(new int[0], new[] { 1 })]
    public void Changes_of_none_or_several_members_or_of_strangers_to_voters_are_refused(int[] voters, int[] learners)
    {
        var group = Group.Led(3);

        Assert.Equal(ProposeVerdict.Refused, Change(group, voters, learners));
        Assert.Equal(new LogIndex(1), group[1].Core.Log.Last);
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3 }, new[] { 4, 5 })]
    [InlineData(new[] { 1, 2, 3 }, new int[0])]
    [InlineData(new[] { 1, 2 }, new[] { 4 })]
    [InlineData(new[] { 1, 2 }, new[] { 3, 4 })]
    [InlineData(new[] { 1, 2, 3, 4 }, new int[0])]
    public void Adding_removing_demoting_and_promoting_one_member_are_accepted(int[] voters, int[] learners)
    {
        var group = new Group([1, 2, 3], [4]);
        group.Elect(1);

        Assert.Equal(ProposeVerdict.Accepted, Change(group, voters, learners));
        group.Settle();
        Assert.Equal(group.MembershipOf(voters, learners), group[1].Core.Membership);
    }

    [Fact]
    public void A_change_is_in_force_when_it_is_appended_and_settled_when_it_is_committed()
    {
        var group = Group.Led(3);
        var (before, after) = (group.MembershipOf([1, 2, 3], []), group.MembershipOf([1, 2], []));

        Assert.Equal(ProposeVerdict.Accepted, Change(group, [1, 2], []));
        Assert.Equal((after, before), (group[1].Core.Status.Membership, group[1].Core.Status.Settled));
        group.Settle();
        Assert.Equal((after, after), (group[1].Core.Status.Membership, group[1].Core.Status.Settled));
    }

    [Fact]
    public void Followers_propose_nothing()
    {
        var group = Group.Led(3);

        var outcome = group[2].Core.ProposeMembership(group.MembershipOf([1, 2], []));

        Assert.Equal((ProposeVerdict.NotLeader, Group.Node(1)), (outcome.Verdict, outcome.Leader));
    }

    [Fact]
    public void Learner_that_is_silent_or_far_behind_is_not_promoted()
    {
        var group = new Group([1], [2], new RaftConfig { AppendEntriesMax = 4 });
        group[1].Core.Tick();
        group.Settle();
        group.Isolate(2);
        group.Tick(7);
        Assert.Equal(ProposeVerdict.Refused, Change(group, [1, 2], []));

        group.Heal();
        group.Tick(3);
        Assert.Equal(ProposeVerdict.Accepted, Change(group, [1, 2], []));
    }

    [Fact]
    public void Membership_is_in_force_from_the_append_on()
    {
        var group = Group.Led(3);
        group.Isolate(2);
        group.Isolate(3);

        Change(group, [1, 2], []);
        group.Settle();
        Assert.Equal(new LogIndex(1), group[1].Core.Committed);

        group.Heal();
        group.Isolate(3);
        group.Tick(2);
        Assert.Equal(new LogIndex(2), group[1].Core.Committed);
    }

    [Fact]
    public void Fresh_member_learns_everything_and_can_be_promoted_and_lead()
    {
        var group = Group.Led(1);
        group.Propose(1, "a");
        group.Settle();
        Change(group, [1], [2]);
        group.Add(2, Membership.Empty);
        group.Tick(2);
        Change(group, [1, 2], []);
        group.Settle();

        group[1].Core.TransferLeadership(Group.Node(2));
        group.Settle();

        Assert.True(group[2].IsLeader);
        Assert.Equal(["a"], group[2].Commands);
    }

    [Fact]
    public void Leader_that_removes_itself_leads_until_the_entry_commits_and_hands_over()
    {
        var group = Group.Led(3);

        Change(group, [2, 3], []);
        Assert.True(group[1].IsLeader);
        group.Settle();

        Assert.Equal(RaftRole.Learner, group[1].Core.Role);
        Assert.Contains(group.Leader.Id, new[] { Group.Node(2), Group.Node(3) });
        group.Propose((int)group.Leader.Id.Value, "goes on");
        group.Settle();
        Assert.Equal(["goes on"], group.Leader.Commands);
    }

    [Fact]
    public void Leader_that_is_leaving_does_not_count_its_own_disk()
    {
        var group = Group.Led(3);
        group.Isolate(3);

        Change(group, [2, 3], []);
        group.Settle();

        Assert.Equal(new LogIndex(1), group[1].Core.Committed);
    }

    [Fact]
    public void Leader_that_lost_office_over_its_own_removal_stands_again()
    {
        // The entry is on 1 alone: 3 lacks it, so 1's log is longer and 3 cannot win without 1's vote.
        var group = Group.Led(2);
        group.Isolate(1);
        Change(group, [2], []);
        group.Settle();
        group.Forget(1);
        group.Forget(2);
        group.Heal();

        group.Tick(40);

        Assert.Equal(group.MembershipOf([2], []), group[2].Core.Membership);
        Assert.True(group[2].IsLeader);
        Assert.Equal(RaftRole.Learner, group[1].Core.Role);
    }

    [Fact]
    public void Removed_member_that_does_not_know_disturbs_nobody()
    {
        var group = Group.Led(3);
        group.Isolate(3);
        Change(group, [1, 2], []);
        group.Settle();
        group.Heal();

        for (var tick = 0; tick < 60; tick++)
        {
            group[3].Core.Tick();
            group.Tick();
        }

        Assert.Equal(new Term(1), group[1].Core.Term);
        Assert.True(group[1].IsLeader);
    }

    [Fact]
    public void Uncommitted_membership_is_rolled_back_with_its_entry()
    {
        var group = Group.Led(3);
        group.Isolate(1);
        Change(group, [1, 2], []);
        group.Settle();
        Assert.Equal(group.MembershipOf([1, 2], []), group[1].Core.Membership);

        group.Forget(2);
        group.Forget(3);
        group.Elect(2);
        group.Heal();
        group.Tick(3);

        Assert.Equal(group.MembershipOf([1, 2, 3], []), group[1].Core.Membership);
    }

    [Fact]
    public void Membership_at_an_index_is_the_one_in_force_there_before_and_after_a_restart()
    {
        var group = Group.Led(3);
        Change(group, [1, 2, 3], [4]);
        group.Settle();
        var later = group.Propose(1, "a");
        group.Settle();

        for (var life = 0; life < 2; life++)
        {
            Assert.Equal(group.MembershipOf([1, 2, 3], []), group[1].Core.MembershipAt(new LogIndex(1)));
            Assert.Equal(group.MembershipOf([1, 2, 3], [4]), group[1].Core.MembershipAt(new LogIndex(2)));
            Assert.Equal(group.MembershipOf([1, 2, 3], [4]), group[1].Core.MembershipAt(later));
            group.Forget(1);
        }
    }

    private static ProposeVerdict Change(Group group, int[] voters, int[] learners) =>
        group[1].Core.ProposeMembership(group.MembershipOf(voters, learners)).Verdict;
}

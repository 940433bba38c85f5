using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests.Paper;

/// <summary>Section 3.10 of the dissertation: leadership moves on request.</summary>
public sealed class Section310Transfer
{
    [Fact]
    public void Leadership_moves_to_the_named_voter()
    {
        var group = Group.Led(3);
        group.Propose(1, "a");

        group[1].Core.TransferLeadership(Group.Node(3));
        group.Settle();

        Assert.True(group[3].IsLeader);
        Assert.Equal((RaftRole.Follower, Group.Node(3)), (group[1].Core.Role, group[1].Core.Leader));
        Assert.Equal(["a"], group[3].Commands);
    }

    [Fact]
    public void Target_is_told_only_when_its_log_is_complete()
    {
        var group = Group.Led(3);
        group.Isolate(3);
        group.Propose(1, "a");
        group.Settle();

        group[1].Core.TransferLeadership(Group.Node(3));
        Assert.DoesNotContain(group[1].Collect().SendNow, message => message.Kind == MessageKind.TimeoutNow);
        group.Settle();
        Assert.True(group[1].IsLeader);

        group.Heal();
        group.Tick(2);
        Assert.True(group[3].IsLeader);
    }

    [Fact]
    public void Proposals_are_busy_meanwhile_and_welcome_again_when_the_transfer_has_failed()
    {
        var group = Group.Led(3);
        group.Isolate(3);
        group[1].Core.TransferLeadership(Group.Node(3));
        Assert.Equal(ProposeVerdict.Busy, group[1].Core.Propose(default).Verdict);
        Assert.Equal(ProposeVerdict.Busy, group[1].Core.ProposeMembership(group.MembershipOf([1, 2], [])).Verdict);

        group.Tick(new RaftConfig().ElectionTicksMin);

        Assert.True(group[1].IsLeader);
        Assert.Equal(ProposeVerdict.Accepted, group[1].Core.Propose(default).Verdict);
    }

    [Fact]
    public void Learners_strangers_and_followers_transfer_nothing()
    {
        var group = new Group([1, 2], [3]);
        group.Elect(1);

        group[1].Core.TransferLeadership(Group.Node(3));
        group[1].Core.TransferLeadership(Group.Node(9));
        group[1].Core.TransferLeadership(Group.Node(1));
        group[2].Core.TransferLeadership(Group.Node(2));
        group.Settle();

        Assert.True(group[1].IsLeader);
        Assert.Equal(ProposeVerdict.Accepted, group[1].Core.Propose(default).Verdict);
    }

    [Fact]
    public void Learner_ignores_the_call_to_stand()
    {
        var group = new Group([1, 2], [3]);

        group[3].Core.Step(Group.From(1, 3, MessageKind.TimeoutNow, term: 1));

        Assert.Equal(RaftRole.Learner, group[3].Core.Role);
        Assert.Equal(new Term(1), group[3].Core.Term);
    }
}

using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests;

/// <summary>Invariant I10: a member that lost what it promised neither votes nor acknowledges, and what it said counts no more.</summary>
public sealed class ForgetfulPeerTests
{
    [Fact]
    public void An_acknowledgement_that_was_lost_does_not_commit()
    {
        var group = Group.Led(5);
        group.Isolate(3);
        group.Isolate(4);
        group.Isolate(5);
        var index = group.Propose(1, "a");
        group.Settle();
        Assert.Equal(index, group[1].Core.Status.Peers.Single(peer => peer.Id == Group.Node(2)).Match);

        group[1].Core.PeerForgot(Group.Node(2));
        Ack(group, 3, index);
        group.Settle();
        Assert.True(group[1].Core.Committed < index, "two disks of five hold it");

        Ack(group, 2, index);
        group.Settle();
        Assert.True(group[1].Core.Committed < index, "what it says now does not count either");

        Ack(group, 4, index);
        group.Settle();
        Assert.Equal(index, group[1].Core.Committed);
    }

    [Fact]
    public void Its_vote_elects_nobody()
    {
        var group = new Group(3);
        group.Isolate(3);
        group[1].Core.PeerForgot(Group.Node(2));

        group.Campaign(1);
        group.Settle();
        Assert.False(group[1].IsLeader);

        group.Heal();
        for (var i = 0; i < 2 * new RaftConfig().ElectionTicksMax && !group[1].IsLeader; i++)
        {
            group[1].Core.Tick();
            group.Settle();
        }

        Assert.True(group[1].IsLeader, "the third member's vote is enough");
    }

    [Fact]
    public void Its_answers_confirm_no_read()
    {
        var group = Group.Led(3);
        group.Isolate(3);
        group[1].Core.PeerForgot(Group.Node(2));

        group[1].Core.RequestRead();
        group.Settle();

        Assert.Empty(group[1].Reads);
    }

    [Fact]
    public void It_stays_forgotten_when_the_membership_changes_and_is_handed_nothing()
    {
        var group = Group.Led(3);
        var committed = group[1].Core.Committed;
        group[1].Core.PeerForgot(Group.Node(2));
        group[1].Core.ProposeMembership(group.MembershipOf([1, 2, 3], [4]));
        group.Settle();

        Assert.Equal(LogIndex.Zero, group[1].Core.Status.Peers.Single(peer => peer.Id == Group.Node(2)).Match);
        Assert.Equal(committed.Next, group[1].Core.Committed);
        Assert.False(group[1].Core.IsReadyToVote(Group.Node(2)));
    }

    [Fact]
    public void A_member_whose_machine_is_wrong_hands_over_and_never_stands_again()
    {
        var group = Group.Led(3);

        group[1].Core.BecomeUnfit();
        group.Tick();
        Assert.False(group[1].IsLeader);
        Assert.True(group.Leader.Id != group[1].Id);

        group[1].Core.Step(Group.From((int)group.Leader.Id.Value, 1, MessageKind.TimeoutNow, (int)group.Leader.Core.Term.Value));
        group.Isolate(1);
        for (var i = 0; i < 50; i++)
        {
            group[1].Core.Tick();
            Assert.False(group[1].Core.Role is RaftRole.PreCandidate or RaftRole.Candidate or RaftRole.Leader);
        }
    }

    [Fact]
    public void It_goes_on_voting_and_acknowledging_and_a_lone_one_goes_on_leading()
    {
        var group = Group.Led(3);
        group[1].Core.BecomeUnfit();
        group.Tick();
        var leader = group.Leader;
        group.Isolate(5 - (int)leader.Id.Value);
        var index = group.Propose((int)leader.Id.Value, "a");
        group.Settle();
        Assert.Equal(index, leader.Core.Committed);

        var lone = Group.Led(1);
        lone[1].Core.BecomeUnfit();
        lone.Tick(20);
        Assert.True(lone[1].IsLeader);
    }

    private static void Ack(Group group, int from, LogIndex index) => group[1].Core.Step(
        Group.From(from, 1, MessageKind.AppendReply, (int)group[1].Core.Term.Value) with { Index = index });
}

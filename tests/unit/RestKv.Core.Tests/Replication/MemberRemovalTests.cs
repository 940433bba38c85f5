using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

/// <summary>A removal must leave voters that can decide, whatever the list wishes for.</summary>
public sealed class MemberRemovalTests
{
    [Fact]
    public void The_only_voter_stays_while_the_one_that_is_to_follow_does_not_vote()
    {
        var group = new ReplicaGroup(1) { Hold = message => message.To.Value > 1 };
        var leader = group.Elect(1);
        group.TickAll();
        leader.Submit(new Command.MemberAdd(NodeId.None, "n2", ["http://n2:7071"], MemberRole.Voter, NodeId.None));
        group.TickAll(3);

        var removal = leader.Submit(new Command.MemberRemove(leader.Id));
        group.TickAll(3);

        var refused = Assert.IsType<OperationResult.NotApplied>(leader.ResultOf(removal));
        Assert.Equal(NotAppliedReason.QuorumAtRisk, refused.Reason);
        Assert.NotNull(leader.Current.Facts.Members.Find(leader.Id));
    }

    [Fact]
    public void Removals_that_come_together_are_judged_one_after_the_other()
    {
        var group = new ReplicaGroup(3);
        var leader = group.Elect(1);
        group.TickAll(5);
        var (first, second) = (new object(), new object());

        leader.HandleTogether(
            leader.MakeSubmit(first, new Command.MemberRemove(new NodeId(2))),
            leader.MakeSubmit(second, new Command.MemberRemove(new NodeId(3))));
        group.TickAll(5);

        Assert.IsType<OperationResult.MemberChanged>(leader.ResultOf(first));
        var refused = Assert.IsType<OperationResult.NotApplied>(leader.ResultOf(second));
        Assert.Equal(NotAppliedReason.QuorumAtRisk, refused.Reason);
        Assert.Equal(2, leader.Current.Raft.Membership.Voters.Length);
    }

    [Fact]
    public void A_voter_that_was_silent_since_the_election_does_not_count_as_one_that_is_left()
    {
        var group = new ReplicaGroup(3);
        var before = group.Elect(1);
        group.TickAll(5);
        group.Isolate(group[3]);
        before.Handle(ReplicaEvent.TransferLeadership(new NodeId(2)));
        group.Settle();
        var leader = group.Leader;
        Assert.Equal(new NodeId(2), leader.Id);

        var removal = leader.Submit(new Command.MemberRemove(new NodeId(1)));
        group.TickAll(2);

        var refused = Assert.IsType<OperationResult.NotApplied>(leader.ResultOf(removal));
        Assert.Equal(NotAppliedReason.QuorumAtRisk, refused.Reason);
    }

    [Fact]
    public void A_lone_member_of_a_list_of_one_is_refused_by_the_list()
    {
        var group = new ReplicaGroup(1);
        var leader = group.Elect(1);
        group.TickAll();

        var removal = leader.Submit(new Command.MemberRemove(leader.Id));
        group.TickAll();

        var rejected = Assert.IsType<OperationResult.Rejected>(leader.ResultOf(removal));
        Assert.Equal(RejectionCode.LastVoter, rejected.Rejection.Code);
    }
}

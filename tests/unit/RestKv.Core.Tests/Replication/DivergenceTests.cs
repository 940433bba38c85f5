using RestKv.Core.Model;
using RestKv.Core.Replication;

namespace RestKv.Core.Tests.Replication;

/// <summary>Members that compare their states through the log.</summary>
public sealed class DivergenceTests
{
    private static readonly ReplicaConfig Often = new() { StateCheckMs = 200 };

    [Fact]
    public void Members_that_applied_the_same_agree()
    {
        var group = new ReplicaGroup(3, Often);
        WriteFor(group, group.Elect(1));

        Assert.All(group.Members, member => Assert.True(member.Replica.StateAgreements > 1));
        Assert.All(group.Members, member => Assert.False(member.Current.Facts.HasDiverged));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_one_whose_state_went_wrong_knows_it_and_nobody_else_is_blamed(int wrong)
    {
        var group = new ReplicaGroup(3, Often);
        var leader = group.Elect(1);
        group[wrong].Handle(ReplicaEvent.Query((machine, _) => machine.Leases.Grant(new LeaseId(99), 3600, long.MaxValue, isOwned: false)));
        WriteFor(group, leader);

        Assert.All(group.Members, member => Assert.Equal(member == group[wrong], member.Current.Facts.HasDiverged));
    }

    [Fact]
    public void A_leader_that_went_wrong_hands_over_and_never_leads_again()
    {
        var group = new ReplicaGroup(3, Often);
        var wrong = group.Elect(1);
        wrong.Handle(ReplicaEvent.Query((machine, _) => machine.Leases.Grant(new LeaseId(99), 3600, long.MaxValue, isOwned: false)));
        for (var i = 0; i < 40 && !wrong.Replica.HasDiverged; i++)
        {
            wrong.Put($"k{i}", "v");
            group.TickAll();
        }

        Assert.True(wrong.Replica.HasDiverged);
        group.TickAll(2);
        var leader = group.Leader;
        Assert.NotEqual(wrong, leader);

        leader.Handle(ReplicaEvent.TransferLeadership(wrong.Id));
        group.TickAll(10);
        Assert.NotEqual(wrong, group.Leader);

        // It is still good for a majority: its log is not at fault.
        group.Isolate(group.Members.First(member => member != wrong && member != group.Leader));
        var token = group.Leader.Put("after", "v");
        group.TickAll(5);
        Assert.NotNull(group.Leader.ResultOf(token));
    }

    [Fact]
    public void An_acknowledgement_of_a_peer_that_lost_its_disk_commits_nothing()
    {
        var group = new ReplicaGroup(3);
        var leader = group.Elect(1);
        group.Isolate(group[3]);
        leader.Handle(ReplicaEvent.PeerForgot(group[2].Id));
        var token = leader.Put("k", "v");
        group.Settle();
        Assert.Null(leader.ResultOf(token));

        leader.Handle(ReplicaEvent.PeerRemembered(group[2].Id));
        group.TickAll(3);
        Assert.NotNull(leader.ResultOf(token));
    }

    private static void WriteFor(ReplicaGroup group, GroupMember leader)
    {
        for (var i = 0; i < 20; i++)
        {
            leader.Put($"k{i}", "v");
            group.TickAll();
        }
    }
}

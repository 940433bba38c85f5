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

    private static void WriteFor(ReplicaGroup group, GroupMember leader)
    {
        for (var i = 0; i < 20; i++)
        {
            leader.Put($"k{i}", "v");
            group.TickAll();
        }
    }
}

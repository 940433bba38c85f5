using System.Globalization;
using RestKv.Cluster.Tests.Support;

namespace RestKv.Cluster.Tests.Members;

/// <summary>A leader that is stopped on purpose.</summary>
public sealed class HandoverTests
{
    [Fact]
    public async Task A_leader_that_is_asked_to_stop_has_another_take_over_first()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        var leader = await cluster.LeaderAsync();
        var term = (await leader.StatusAsync())!.Value.GetProperty("term").GetInt64();

        Assert.Equal(0, await leader.TerminateAsync());

        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"role Follower in term {term + 1}"), leader.Log, StringComparison.Ordinal);
        Assert.NotEqual(leader, await cluster.LeaderAsync());
    }
}

using RestKv.Api.Hosting;
using RestKv.Testing;

namespace RestKv.Http.Tests.Hosting;

/// <summary>Who a store is: by that, cursors and event ids of one are told from those of another.</summary>
public sealed class IdentityTests
{
    [Fact]
    public async Task Two_fresh_stores_are_two_clusters_and_each_stays_itself()
    {
        using var here = new TempFolder();
        using var there = new TempFolder();

        var first = await IdsAsync(here);
        var again = await IdsAsync(here);
        var other = await IdsAsync(there);

        Assert.Equal(first, again);
        Assert.NotEqual(first.Cluster, other.Cluster);
        Assert.NotEqual(first.Member, other.Member);
    }

    [Fact]
    public void Members_of_one_list_come_to_the_same_ids()
    {
        InitialMember one = new("n1", [new Uri("http://n1:2380")]);
        InitialMember two = new("n2", [new Uri("http://n2:2380")]);

        var first = FirstIdentity.Of(new NodeOptions { Name = "n1", InitialCluster = [one, two], IsInitialClusterGiven = true });
        var second = FirstIdentity.Of(new NodeOptions { Name = "n2", InitialCluster = [two, one], IsInitialClusterGiven = true });
        var lone = FirstIdentity.Of(new NodeOptions { Name = "n1", InitialCluster = [one], IsInitialClusterGiven = true });
        var same = FirstIdentity.Of(new NodeOptions { Name = "n1", InitialCluster = [one], IsInitialClusterGiven = true });

        Assert.Equal(first.Cluster, second.Cluster);
        Assert.NotEqual(first.Node, second.Node);
        Assert.Equal((lone.Cluster, lone.Node), (same.Cluster, same.Node));
    }

    private static async Task<(ulong Cluster, string Member)> IdsAsync(TempFolder folder)
    {
        await using var rig = new HostRig(folder);
        await rig.StartAsync();
        var status = rig.Node.Status;
        await rig.StopAsync();
        return (status.ClusterId, status.MemberId.ToString());
    }
}

using RestKv.Cluster.Tests.Support;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>Packets that are lost. Clients reach every member all the time, which is the hard case: the lonely ones are asked, too.</summary>
internal sealed partial class Nemesis
{
    private const int SlowKilobits = 1_500;
    private const int Flaps = 4;

    private Task PartitionAsync() => CutAsync("partition", () =>
    {
        ClusterMember[] members = [.. cluster.Members.OrderBy(_ => _random.Next())];
        var minority = members.Take(_random.Next(1, ((members.Length - 1) / 2) + 1)).ToArray();
        return Task.FromResult(BothWays(minority, members.Except(minority)));
    });

    private Task IsolateLeaderAsync() => CutAsync("isolate-leader", async () =>
    {
        var leader = await cluster.LeaderAsync();
        return BothWays([leader], cluster.Members.Where(member => member != leader));
    });

    /// <summary>A leader that hears nobody, or one whom nobody hears.</summary>
    private Task CutLeaderOneWayAsync(bool isDeaf) => CutAsync(isDeaf ? "leader-deaf" : "leader-mute", async () =>
    {
        var leader = await cluster.LeaderAsync();
        var others = cluster.Members.Where(member => member != leader);
        return others.Select(other => isDeaf ? (other.Name, leader.Name) : (leader.Name, other.Name));
    });

    private Task CutOneWayAsync() => CutAsync("one-way", () =>
    {
        var from = Any();
        return Task.FromResult<IEnumerable<(string, string)>>([(from.Name, AnyBut(from).Name)]);
    });

    /// <summary>The leader and one follower do not see each other; the others see both.</summary>
    private Task CutOneLinkAsync() => CutAsync("partial", async () =>
    {
        var leader = await cluster.LeaderAsync();
        return BothWays([leader], [AnyBut(leader)]);
    });

    private async Task FlapAsync()
    {
        if (IsSkipped(cluster.Network is not null, "flapping"))
        {
            return;
        }

        for (var flap = 0; flap < Flaps; flap++)
        {
            var alone = Any();
            await cluster.Network!.CutAsync([.. BothWays([alone], cluster.Members.Where(member => member != alone))]);
            await Task.Delay(_random.Next(100, 900), CancellationToken.None);
            await cluster.Network.HealAsync();
            await Task.Delay(_random.Next(50, 300), CancellationToken.None);
        }
    }

    private async Task SlowLinkAsync()
    {
        if (IsSkipped(cluster.Network is not null && await cluster.Network.SlowDownAsync(Any().Name, SlowKilobits), "slow-link"))
        {
            return;
        }

        await HoldAsync("slow-link");
        await cluster.Network!.HealAsync();
    }

    private async Task CutAsync(string fault, Func<Task<IEnumerable<(string From, string To)>>> ways)
    {
        if (IsSkipped(cluster.Network is not null, fault))
        {
            return;
        }

        await cluster.Network!.CutAsync([.. await ways()]);
        await HoldAsync(fault);
        await cluster.Network.HealAsync();
    }

    private static IEnumerable<(string From, string To)> BothWays(IEnumerable<ClusterMember> some, IEnumerable<ClusterMember> others) =>
        some.SelectMany(one => others.SelectMany(other => new[] { (one.Name, other.Name), (other.Name, one.Name) }));
}

using RestKv.Testing;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>Disks that are slow, fail or fill up.</summary>
internal sealed partial class Nemesis
{
    private const int InputOutputErrorExit = 74;
    private const int SlowSyncMs = 250;

    private async Task SlowDiskAsync(bool ofLeader)
    {
        var victim = await VictimAsync(ofLeader);
        cluster.Shim.SlowSyncs(victim.Name, SlowSyncMs);
        await HoldAsync("slow-disk");
        cluster.Shim.Heal(victim.Name);
    }

    private async Task FailSyncAsync(bool ofLeader)
    {
        var victim = await VictimAsync(ofLeader);
        cluster.Shim.FailSyncs(victim.Name);
        Assert.Equal(InputOutputErrorExit, await victim.WaitForExitAsync());
        await ProgressAsync("failing-sync");
        cluster.Shim.Heal(victim.Name);
        victim.Start();
    }

    /// <summary>The member says that it is full, the cluster takes writes, and when there is space again nobody need do anything.</summary>
    private async Task FillDiskAsync(bool ofLeader)
    {
        var victim = await VictimAsync(ofLeader);
        var disk = cluster.DiskOf(victim);
        if (IsSkipped(disk is not null, "full-disk"))
        {
            return;
        }

        await Eventually.TrueAsync(
            async () =>
            {
                disk!.Fill();
                return await IsFullAsync(victim);
            },
            $"{victim.Name} to say that its disk is full",
            cluster.ReadLogs);
        using (var enough = new CancellationTokenSource())
        {
            var filling = StayFullAsync(disk!, enough.Token);
            await HoldAsync("full-disk");
            await enough.CancelAsync();
            await filling;
        }

        disk!.Empty();
        await Eventually.TrueAsync(
            async () => !await IsFullAsync(victim), $"{victim.Name} to recover by itself", cluster.ReadLogs);
    }

    /// <summary>Whatever the member gives up is gone, too: without that it would be well again by itself.</summary>
    private static async Task StayFullAsync(Support.SmallDisk disk, CancellationToken enough)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!enough.IsCancellationRequested)
        {
            disk.Fill();
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static async Task<bool> IsFullAsync(Support.ClusterMember member) =>
        await ChaosCluster.StatusAsync(member) is { } status && status.GetProperty("full").GetBoolean();
}

using RestKv.Cluster.Tests.Chaos;

namespace RestKv.Cluster.Tests;

/// <summary>The short form of the chaos runner: every fault once, on three members and on five, judged by all checkers.</summary>
public sealed class ChaosTests
{
    /// <summary>Longer than a busy machine stands still, so that leaders change because of faults alone.</summary>
    private static readonly TimeSpan ElectionTimeout = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(
        3, 1, "kill-leader", "kill-follower", "pause-leader", "pause-follower", "partition", "isolate-leader", "leader-deaf", "leader-mute",
        "one-way",
        "partial", "flapping", "slow-link", "slow-disk-leader", "slow-disk-follower", "failing-sync-leader", "failing-sync-follower",
        "full-disk-leader", "full-disk-follower", "rolling-restart", "wipe-replace", "add-promote-remove", "transfer", "kill-all")]
    [InlineData(5, 2, "partition", "kill-leader", "partial", "wipe-replace", "pause-leader")]
    public async Task Clients_never_see_a_promise_broken(int members, int seed, params string[] faults)
    {
        var report = await ChaosRun.RunAsync(new ChaosOptions
        {
            Members = members,
            Seed = seed,
            Faults = faults,
            Clients = 6,
            ElectionTimeout = ElectionTimeout,
            Pace = TimeSpan.FromMilliseconds(50),
        });

        Assert.True(report.Violations.Count == 0, report.ToString());
        Assert.Equal(faults, report.Faults.Select(fault => fault.Name));
    }
}

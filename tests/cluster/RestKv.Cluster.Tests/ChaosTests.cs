using RestKv.Cluster.Tests.Chaos;

namespace RestKv.Cluster.Tests;

/// <summary>The short form of the chaos runner: every fault once, on three members and on five, judged by all checkers.</summary>
public sealed class ChaosTests
{
    [Theory]
    [InlineData(3, 1, "kill-leader", "pause-leader", "isolate-leader", "failing-sync", "full-disk", "transfer")]
    public async Task Clients_never_see_a_promise_broken(int members, int seed, params string[] faults)
    {
        var report = await ChaosRun.RunAsync(new ChaosOptions { Members = members, Seed = seed, Faults = faults });

        Assert.True(report.Violations.Count == 0, report.ToString());
        Assert.Equal(faults, report.Faults.Select(fault => fault.Name));
    }
}

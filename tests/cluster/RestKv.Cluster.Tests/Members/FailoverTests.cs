using System.Text.Json;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Members;

/// <summary>The leader dies or hangs under load, and whoever lagged comes back: no acknowledged write is lost, no read is stale.</summary>
public sealed class FailoverTests
{
    private const int Clients = 6;
    private const int Keys = 8;
    private const int WritesEach = 150;

    [Fact]
    public async Task Killed_leaders_under_load_cost_no_acknowledged_write_and_come_back()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        await using var clients = new HistoryClients(cluster, Clients, Keys);
        clients.Start();
        await MoreWritesAsync(cluster, clients);

        for (var round = 0; round < 2; round++)
        {
            var leader = await cluster.LeaderAsync();
            await leader.KillAsync();
            await MoreWritesAsync(cluster, clients);
            Assert.NotEqual(leader, await cluster.LeaderAsync());
            leader.Start();
            await cluster.UntilReadyAsync();
            await MoreWritesAsync(cluster, clients);
        }

        await clients.StopAsync();
        await SameEverywhereAsync(cluster);
        await HistoryVerdict.CheckAsync(clients, cluster.Members[0]);
    }

    [Fact]
    public async Task A_leader_that_hangs_is_replaced_and_answers_nothing_stale_when_it_wakes()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        await using var clients = new HistoryClients(cluster, Clients, Keys);
        clients.Start();
        await MoreWritesAsync(cluster, clients);

        var paused = await cluster.LeaderAsync();
        await paused.PauseAsync();
        using var threeSeconds = new PeriodicTimer(TimeSpan.FromSeconds(3));
        Assert.NotEqual(paused, await cluster.LeaderAsync());
        await MoreWritesAsync(cluster, clients);
        await threeSeconds.WaitForNextTickAsync();
        await paused.ResumeAsync();
        await MoreWritesAsync(cluster, clients);
        await cluster.UntilReadyAsync();

        await clients.StopAsync();
        await SameEverywhereAsync(cluster);
        await HistoryVerdict.CheckAsync(clients, paused);
    }

    [Fact]
    public async Task Members_may_start_in_any_order_and_wait_for_a_majority()
    {
        await using var cluster = new ThreeMembers();
        cluster.Members[2].Start();
        await cluster.Members[2].Process.WaitUntilServingAsync();
        Assert.False(await cluster.Members[2].IsReadyAsync());

        cluster.Members[1].Start();
        await cluster.UntilReadyAsync();
        using var put = await cluster.Members[2].Patient.PutAsync("/v1/kv/early", new StringContent("bird"));
        Assert.True(put.IsSuccessStatusCode, cluster.ReadLogs());

        cluster.Members[0].Start();
        await cluster.UntilReadyAsync();
        Assert.Equal("bird", await cluster.Members[0].Patient.GetStringAsync("/v1/kv/early?consistency=local"));
    }

    /// <summary>The load goes on: so many more writes are acknowledged.</summary>
    private static Task MoreWritesAsync(ThreeMembers cluster, HistoryClients clients)
    {
        var goal = clients.Acknowledged + WritesEach;
        return Eventually.TrueAsync(() => clients.Acknowledged >= goal, $"{goal} acknowledged writes", cluster.ReadLogs);
    }

    /// <summary>All members come to the same content by themselves.</summary>
    private static async Task SameEverywhereAsync(ThreeMembers cluster)
    {
        var content = await cluster.Members[0].Patient.GetStringAsync("/v1/kv?prefix=");
        using var json = JsonDocument.Parse(content);
        var revision = json.RootElement.GetProperty("rev").GetInt64();
        foreach (var member in cluster.Members)
        {
            Assert.Equal(content, await member.Patient.GetStringAsync($"/v1/kv?prefix=&consistency=local&minRev={revision}&rev={revision}"));
        }
    }
}

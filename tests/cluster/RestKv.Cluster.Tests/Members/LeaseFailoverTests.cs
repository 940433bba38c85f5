using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using RestKv.Checkers.Leases;
using RestKv.Cluster.Tests.Chaos;
using RestKv.Cluster.Tests.Support;
using RestKv.Core.Model;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Members;

/// <summary>Leases when leaders die: the time that is left survives, nothing ends early, nothing stays for ever.</summary>
public sealed class LeaseFailoverTests
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    [Fact]
    public async Task What_was_left_of_a_lease_is_left_under_the_next_leader()
    {
        const long ttl = 60;
        await using var cluster = await ThreeMembers.StartAsync();
        var id = new LeaseId(0x1ea5e);
        var sent = Stopwatch.GetTimestamp();
        await GrantAsync(cluster.Members[0], id, ttl);

        for (var round = 1; round <= 2; round++)
        {
            var leader = await cluster.LeaderAsync();
            var used = 3 * round;
            await Eventually.TrueAsync(
                async () => await SecondsLeftAsync(leader, id) <= ttl - used, $"{used} s of the lease to pass", cluster.ReadLogs);

            // A write carries the time of the cluster to the others.
            using var put = await leader.Client.PutAsync("/v1/kv/mark?timeout=15s", new StringContent("x"));
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
            await leader.KillAsync();

            var next = await cluster.LeaderAsync();
            var left = await SecondsLeftAsync(next, id);
            Assert.InRange(left, (long)Math.Floor(ttl - Stopwatch.GetElapsedTime(sent).TotalSeconds), ttl - used);
            leader.Start();
            await cluster.UntilReadyAsync();
        }
    }

    [Fact]
    public async Task No_lease_ends_early_and_every_one_ends_although_leaders_die()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        var history = new ChaosHistory();
        var caller = new ChaosCaller(() => [.. cluster.Running], history, 0, CancellationToken.None);
        List<LeaseId> leases = [];
        for (var number = 1; number <= 8; number++)
        {
            var id = new LeaseId(number);
            Assert.NotNull(await caller.SendAsync(history.NextId(), ChaosCalls.Grant(id, 2 + (number % 4))));
            var put = ChaosCalls.Put(string.Create(CultureInfo.InvariantCulture, $"l/{number}"), "x", id);
            Assert.NotNull(await caller.SendAsync(history.NextId(), put));
            leases.Add(id);
        }

        var leader = await cluster.LeaderAsync();
        var from = ChaosHistory.Now();
        await leader.KillAsync();
        await cluster.LeaderAsync();
        var to = ChaosHistory.Now();
        await caller.SendAsync(history.NextId(), ChaosCalls.KeepAlive(leases[0]));

        Assert.Empty(LeaseGuarantees.Check(history.Operations, new LeaseEvidence
        {
            Ends = await EndsAsync(cluster, leases.Count),
            EndOfRun = ChaosHistory.Now(),
            Leaderless = [(from, to)],
            LatenessMax = 60 * NanosecondsPerSecond,
        }));
        Assert.Equal(leases.Count, history.Acknowledged);
    }

    /// <summary>When the end of each lease was seen: later than it was, so an end that was early is early indeed.</summary>
    private static async Task<IReadOnlyList<LeaseEnd>> EndsAsync(ThreeMembers cluster, int count)
    {
        List<LeaseEnd> ends = [];
        using var stream = await EventReader.OpenAsync(
            cluster.Running.First(), "l/", from: 2, resumeAfter: -1, withPrevious: false, CancellationToken.None);
        while (ends.Count < count)
        {
            var next = await stream.ReadAsync();
            Assert.NotNull(next);
            if (next.Name == "delete")
            {
                Assert.Equal("expire", next.Json.GetProperty("cause").GetString());
                var key = next.Json.GetProperty("key").GetString()!;
                ends.Add(new LeaseEnd(
                    new LeaseId(long.Parse(key.AsSpan(2), CultureInfo.InvariantCulture)), ChaosHistory.Now(), DeleteCause.Expire));
            }
        }

        return ends;
    }

    private static async Task GrantAsync(ClusterMember member, LeaseId id, long ttl)
    {
        using var body = new StringContent(
            string.Create(CultureInfo.InvariantCulture, $$"""{"ttl":{{ttl}},"id":"{{id}}"}"""), Encoding.UTF8, "application/json");
        using var granted = await member.Client.PostAsync("/v1/leases?timeout=15s", body);
        Assert.Equal(HttpStatusCode.Created, granted.StatusCode);
    }

    /// <summary>Rounded up.</summary>
    private static async Task<long> SecondsLeftAsync(ClusterMember member, LeaseId id)
    {
        using var json = JsonDocument.Parse(await member.Client.GetStringAsync($"/v1/leases/{id}?timeout=15s"));
        return json.RootElement.GetProperty("ttl").GetInt64();
    }
}

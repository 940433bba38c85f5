using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Members;

/// <summary>A member that was away for longer than the others remember.</summary>
public sealed class LaggardTests
{
    /// <summary>More than the members keep in memory in any case, however long a snapshot takes them: 64 MiB.</summary>
    private const int Values = 120;
    private const int ValueBytes = 700_000;

    [Fact]
    public async Task A_member_that_is_too_far_behind_gets_a_snapshot_and_goes_on_from_there()
    {
        await using var cluster = await ThreeMembers.StartAsync("--snapshot-wal-bytes", "1MiB");
        var late = await cluster.FollowerAsync();
        await late.KillAsync();
        var leader = await cluster.LeaderAsync();
        for (var number = 0; number < Values; number++)
        {
            var value = new string((char)('a' + (number % 26)), ValueBytes);
            using var put = await leader.Patient.PutAsync($"/v1/kv/large/{number}", new StringContent(value));
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        }

        late.Start();
        await cluster.UntilReadyAsync();

        Assert.Contains("\"event\":\"SnapshotTaken\"", cluster.ReadLogs(), StringComparison.Ordinal);
        Assert.True(await leader.MetricAsync("restkv_peer_snapshot_sent_bytes_total") > 0 || leader != await cluster.LeaderAsync());
        Assert.Equal(new string('a', ValueBytes), await late.Patient.GetStringAsync("/v1/kv/large/0?consistency=local"));
        using var after = await late.Patient.PutAsync("/v1/kv/after", new StringContent("it"));
        Assert.True(after.IsSuccessStatusCode, cluster.ReadLogs());
        foreach (var member in cluster.Members)
        {
            Assert.Equal("it", await member.Patient.GetStringAsync("/v1/kv/after"));
        }

        // What came by snapshot is on its own disk, too.
        await late.KillAsync();
        late.Start();
        await late.Process.WaitUntilServingAsync();
        await Eventually.TrueAsync(late.IsReadyAsync, "the member to be ready again", cluster.ReadLogs);
        Assert.Equal("it", await late.Patient.GetStringAsync("/v1/kv/after?consistency=local"));
    }
}

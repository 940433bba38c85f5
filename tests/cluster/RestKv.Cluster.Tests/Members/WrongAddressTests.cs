using System.Net;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Members;

/// <summary>Members that were told wrong things of each other: refused by a sentence that says what is wrong, and harmless.</summary>
public sealed class WrongAddressTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Swapped_addresses_are_refused_with_a_text_that_says_so()
    {
        // All have the same list, but n2 listens where n3 is said to be, and n3 where n2 is.
        List<ClusterMember> members = [];
        for (var number = 1; number <= 3; number++)
        {
            members.Add(new ClusterMember($"n{number}", _folder.Combine($"n{number}"), List, []));
        }

        try
        {
            foreach (var member in members)
            {
                member.Start();
                await member.Process.WaitUntilServingAsync();
            }

            await Eventually.TrueAsync(
                () => members.All(member => member.Log.Contains("peer addresses are mixed up", StringComparison.Ordinal)),
                "every member to say what is wrong",
                () => LogsOf(members));
            foreach (var member in members)
            {
                using var put = await member.Client.PutAsync("/v1/kv/a?timeout=1s", new StringContent("1"));
                Assert.Equal(HttpStatusCode.ServiceUnavailable, put.StatusCode);
                Assert.Contains("no-leader", await put.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
        finally
        {
            await DisposeAllAsync(members);
        }

        string List() => $"n1={members[0].PeerUrl},n2={members[2].PeerUrl},n3={members[1].PeerUrl}";
    }

    [Fact]
    public async Task A_member_of_another_cluster_is_refused_and_harms_nobody()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        var asked = cluster.Members[0];
        var term = (await asked.StatusAsync())!.Value.GetProperty("term").GetInt64();
        var refusals = await asked.MetricAsync("restkv_peer_refused_total");

        // One that should have been told of members of its own, and was told of these.
        ClusterMember? made = null;
        await using var stranger = made = new ClusterMember(
            "n4", _folder.Combine("n4"),
            () => string.Join(',', cluster.Members.Skip(1).Append(made!).Prepend(asked).Select(member => $"{member.Name}={member.PeerUrl}")), []);
        stranger.Start();
        await stranger.Process.WaitUntilServingAsync();

        await Eventually.TrueAsync(
            async () => await asked.MetricAsync("restkv_peer_refused_total") > refusals, "the refusal to be counted", cluster.ReadLogs);
        await Eventually.TrueAsync(
            () => Refuses(asked.Log) && Refuses(stranger.Log), "both to say why", () => asked.Log + stranger.Log);
        Assert.False(await stranger.IsReadyAsync());
        using var put = await asked.Client.PutAsync("/v1/kv/a?timeout=15s", new StringContent("1"));
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        Assert.Equal(3, (await asked.StatusAsync())!.Value.GetProperty("voters").GetArrayLength());
        Assert.True((await asked.StatusAsync())!.Value.GetProperty("term").GetInt64() >= term);

        static bool Refuses(string log) =>
            log.Contains("belongs to cluster", StringComparison.Ordinal) && log.Contains("this member to cluster", StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string LogsOf(IEnumerable<ClusterMember> members) => string.Join('\n', members.Select(member => member.Log));

    private static async Task DisposeAllAsync(IEnumerable<ClusterMember> members)
    {
        foreach (var member in members)
        {
            await member.DisposeAsync();
        }
    }
}

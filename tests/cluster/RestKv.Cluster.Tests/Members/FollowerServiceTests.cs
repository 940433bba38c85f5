using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using RestKv.Cluster.Tests.Support;
using RestKv.Raft;
using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Members;

/// <summary>A follower and a learner serve everything, also while the leader is killed.</summary>
public sealed class FollowerServiceTests
{
    private const int Writes = 40;

    [Fact]
    public async Task A_follower_and_a_learner_read_write_and_watch_on_while_the_leader_dies()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        using var folder = new TempFolder();
        await using var learner = await AddLearnerAsync(cluster, folder.Combine("x1"));
        var leader = await cluster.LeaderAsync();
        var follower = await cluster.FollowerAsync();
        ClusterMember[] served = [follower, learner];
        using var onFollower = await EventStream.OpenAsync(follower, "w/");
        using var onLearner = await EventStream.OpenAsync(learner, "w/");

        List<(string Key, long Revision)> written = [];
        var killed = Task.CompletedTask;
        for (var number = 0; number < Writes; number++)
        {
            killed = number == Writes / 2 ? leader.KillAsync() : killed;
            var key = string.Create(CultureInfo.InvariantCulture, $"w/{number}");
            var revision = await PutAsync(served[number % 2], key);
            written.Add((key, revision));

            // Whoever is asked next, by whichever way, sees it.
            Assert.Equal(key, await GetAsync(served[(number + 1) % 2], $"/v1/kv/{key}"));
            Assert.Equal(key, await GetAsync(learner, $"/v1/kv/{key}?consistency=local&minRev={revision}"));
        }

        await killed;
        Assert.True(await onFollower.ReadPutsAsync(Writes), cluster.ReadLogs());
        Assert.True(await onLearner.ReadPutsAsync(Writes), learner.Log);
        Assert.Equal(written, onFollower.Puts);
        Assert.Equal(written, onLearner.Puts);
        Assert.Equal("learner", (await learner.StatusAsync())!.Value.GetProperty("role").GetString());
    }

    [Fact]
    public async Task A_watch_goes_on_at_a_learner_and_back_without_a_gap_or_a_repetition()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        using var folder = new TempFolder();
        await using var learner = await AddLearnerAsync(cluster, folder.Combine("x1"));
        List<(string, long)> written = [];
        List<(string, long)> seen = [];
        var lastId = -1L;
        ClusterMember[] hosts = [cluster.Members[0], learner, cluster.Members[1], learner, cluster.Members[2]];
        foreach (var host in hosts)
        {
            using var stream = await EventStream.OpenAsync(host, "w/", lastId);
            for (var number = 0; number < 10; number++)
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"w/{written.Count}");
                written.Add((key, await PutAsync(cluster.Members[number % 3], key)));
            }

            // It is left in the middle: half of what was written since comes only at the next host.
            Assert.True(await stream.ReadPutsAsync((host == hosts[^1] ? written.Count : written.Count - 5) - seen.Count), learner.Log);
            seen.AddRange(stream.Puts);
            lastId = stream.LastId;
        }

        Assert.Equal(written, seen);
    }

    [Fact]
    public async Task A_local_read_waits_for_the_revision_it_must_have_and_says_when_it_cannot()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        using var folder = new TempFolder();
        await using var learner = await AddLearnerAsync(cluster, folder.Combine("x1"));
        foreach (var member in new[] { await cluster.FollowerAsync(), learner })
        {
            var key = $"local-{member.Name}";
            var revision = await PutAsync(member, key);
            foreach (var path in new[] { $"/v1/kv/{key}?", $"/v1/kv?prefix={key}&" })
            {
                using var ahead = await member.Client.GetAsync($"{path}consistency=local&minRev={revision + 1}&timeout=200ms");
                Assert.Equal(HttpStatusCode.GatewayTimeout, ahead.StatusCode);
            }

            var waiting = member.Patient.GetAsync($"/v1/kv/{key}?consistency=local&minRev={revision + 1}&timeout=60s");
            await PutAsync(cluster.Members[0], $"after-{member.Name}");
            using var answer = await waiting;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(long.Parse(answer.Headers.GetValues("Kv-Revision").Single(), CultureInfo.InvariantCulture) > revision);
        }
    }

    [Fact]
    public async Task A_learner_that_no_quorum_answers_still_reads_locally_and_refuses_what_needs_one()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        using var folder = new TempFolder();
        await using var learner = await AddLearnerAsync(cluster, folder.Combine("x1"));
        var revision = await PutAsync(learner, "kept");
        Assert.Equal("kept", await GetAsync(learner, $"/v1/kv/kept?consistency=local&minRev={revision}"));
        foreach (var member in cluster.Members)
        {
            await member.KillAsync();
        }

        Assert.Equal("kept", await GetAsync(learner, $"/v1/kv/kept?consistency=local&minRev={revision}"));
        using var list = JsonDocument.Parse(await GetAsync(learner, $"/v1/kv?prefix=&consistency=local&minRev={revision}"));
        Assert.Equal(revision, list.RootElement.GetProperty("rev").GetInt64());
        using var ahead = await learner.Client.GetAsync($"/v1/kv/kept?consistency=local&minRev={revision + 1}&timeout=200ms");
        Assert.Equal(HttpStatusCode.GatewayTimeout, ahead.StatusCode);
        using var linearizable = await learner.Client.GetAsync($"/v1/kv/kept?minRev={revision}&timeout=200ms");
        Assert.Contains(linearizable.StatusCode, (HttpStatusCode[])[HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout]);
    }

    [Fact]
    public async Task A_newcomer_that_was_killed_in_its_first_start_joins_at_the_next()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        using var folder = new TempFolder();
        await PutAsync(cluster.Members[0], "kept");

        await using var learner = await AddLearnerAsync(cluster, folder.Combine("x1"), BeginAndFail);

        Assert.Equal("kept", await GetAsync(learner, "/v1/kv/kept"));
        using var members = JsonDocument.Parse(await GetAsync(learner, "/v1/members"));
        Assert.Equal(4, members.RootElement.GetProperty("members").GetArrayLength());
    }

    /// <summary>Leaves what a process does that is killed when it has drawn an identity and not begun its log.</summary>
    private static void BeginAndFail(string directory)
    {
        const int inputOutput = 5;
        var files = new FaultyFileSystem(
            new PhysicalFileSystem(directory),
            (operation, path) => operation == "create" && path.StartsWith("wal/", StringComparison.Ordinal) ? inputOutput : 0);
        var fresh = new FreshStore(new ClusterId(7), new NodeId(8), Membership.Empty, Salt: 9);
        Assert.Throws<StorageIoException>(() => ReplicaStore.Open(files, new StoreOptions { Fresh = fresh, SegmentBytes = 4 << 20 }));
        Assert.True(File.Exists(Path.Combine(directory, "identity")));
    }

    private static async Task<ClusterMember> AddLearnerAsync(ThreeMembers cluster, string directory, Action<string>? prepare = null)
    {
        prepare?.Invoke(directory);
        ClusterMember? made = null;
        var learner = made = new ClusterMember(
            "x1", directory, () => string.Join(',', cluster.Members.Append(made!).Select(member => $"{member.Name}={member.PeerUrl}")),
            ["--initial-cluster-state", "existing"]);
        using var body = new StringContent(
            $$"""{"name":"x1","peerUrls":["{{learner.PeerUrl}}"],"learner":true}""", Encoding.UTF8, "application/json");
        using var added = await (await cluster.LeaderAsync()).Client.PostAsync("/v1/members", body);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        learner.Start();
        await learner.Process.WaitUntilServingAsync();
        await Eventually.TrueAsync(learner.IsReadyAsync, "the learner to be ready", () => cluster.ReadLogs() + learner.Log);
        return learner;
    }

    /// <summary>Its revision. Sent again until it is answered, for the leader may die meanwhile; its key makes that one write.</summary>
    private static async Task<long> PutAsync(ClusterMember member, string key)
    {
        var revision = 0L;
        await Eventually.TrueAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/kv/{key}?timeout=15s") { Content = new StringContent(key) };
                request.Headers.Add("Idempotency-Key", key);
                using var response = await member.Client.SendAsync(request);
                using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
                if (response.IsSuccessStatusCode)
                {
                    revision = json.RootElement.GetProperty("rev").GetInt64();
                    return true;
                }

                Assert.Contains(json.RootElement.GetProperty("outcome").GetString(), (string?[])["not-applied", "unknown"]);
                return false;
            },
            $"a put on {member.Name}");
        return revision;
    }

    private static async Task<string> GetAsync(ClusterMember member, string path)
    {
        var value = "";
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await member.Client.GetAsync(path);
                value = await response.Content.ReadAsStringAsync();
                Assert.True(
                    response.IsSuccessStatusCode || response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout, value);
                return response.IsSuccessStatusCode;
            },
            $"{path} of {member.Name}");
        return value;
    }
}

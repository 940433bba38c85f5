using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Members;

/// <summary>Three processes as one store, with processes killed and paused.</summary>
public sealed class ThreeMembersTests(SharedCluster shared) : IClassFixture<SharedCluster>
{
    [Fact]
    public async Task What_any_member_took_every_member_gives()
    {
        var cluster = await shared.GetAsync();
        foreach (var writer in cluster.Members)
        {
            var revision = await PutAsync(writer, "any", $"by {writer.Name}");
            foreach (var reader in cluster.Members)
            {
                Assert.Equal($"by {writer.Name}", await reader.Patient.GetStringAsync("/v1/kv/any"));
                Assert.Equal($"by {writer.Name}", await reader.Patient.GetStringAsync($"/v1/kv/any?consistency=local&minRev={revision}"));
            }
        }
    }

    [Fact]
    public async Task Members_agree_on_who_leads_and_who_there_is()
    {
        var cluster = await shared.GetAsync();

        // Until it is so: an election may come between any two questions.
        await Eventually.TrueAsync(
            async () =>
            {
                var leader = await cluster.LeaderAsync();
                var roles = new List<(string?, string?, int, bool)>();
                foreach (var member in cluster.Members)
                {
                    var status = (await member.StatusAsync())!.Value;
                    roles.Add((
                        status.GetProperty("name").GetString(), status.GetProperty("role").GetString(),
                        status.GetProperty("voters").GetArrayLength(), status.GetProperty("ready").GetBoolean()));
                }

                return roles.SequenceEqual(cluster.Members.Select(member =>
                    ((string?)member.Name, (string?)(member == leader ? "leader" : "follower"), 3, true)));
            },
            "every member to say the same",
            cluster.ReadLogs);
    }

    [Fact]
    public async Task A_lease_taken_on_one_member_is_kept_alive_on_another()
    {
        var cluster = await shared.GetAsync();
        using var granted = await cluster.Members[0].Patient.PostAsync("/v1/leases", Json("""{"ttl":"10m"}"""));
        using var lease = JsonDocument.Parse(await granted.Content.ReadAsStringAsync());
        var id = lease.RootElement.GetProperty("id").GetString();

        foreach (var member in cluster.Members)
        {
            using var renewed = await member.Patient.PostAsync($"/v1/leases/{id}/keepalive", null);
            Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);
        }
    }

    [Fact]
    public async Task Each_port_serves_its_own_and_nothing_else()
    {
        var member = (await shared.GetAsync()).Members[0];
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var clientPathOnPeerPort = await client.GetAsync(new Uri($"{member.PeerUrl}/v1/status"));
        using var peerPathOnClientPort = await client.PostAsync(new Uri($"{member.ClientUrl}/peer/v1/stream"), new ByteArrayContent([1]));

        Assert.Equal(HttpStatusCode.NotFound, clientPathOnPeerPort.StatusCode);
        Assert.Contains("clients have another", await clientPathOnPeerPort.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, peerPathOnClientPort.StatusCode);
        Assert.Contains("route-not-found", await peerPathOnClientPort.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_on_the_peer_port_is_counted_and_harms_nobody()
    {
        var cluster = await shared.GetAsync();
        var member = cluster.Members[0];
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var before = await member.MetricAsync("restkv_peer_garbage_total");

        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => client.PostAsync(new Uri($"{member.PeerUrl}/peer/v1/stream"), new ByteArrayContent(new byte[100_000])));
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(member.PeerEndPoint);
            await socket.SendAsync(Encoding.ASCII.GetBytes(new string('x', 5000)));
        }

        await Eventually.TrueAsync(
            async () => await member.MetricAsync("restkv_peer_garbage_total") > before, "the garbage to be counted", cluster.ReadLogs);
        Assert.True(await PutAsync(member, "after-garbage", "1") > 0);
    }

    [Fact]
    public async Task A_watch_on_a_follower_sees_everything_and_resumes_on_another_member()
    {
        var cluster = await shared.GetAsync();
        var follower = await cluster.FollowerAsync();
        var other = cluster.Members.First(member => member != follower);
        var written = new List<(string, long)>();
        EventStream first;
        using (first = await EventStream.OpenAsync(follower, "w/"))
        {
            await WriteAsync(other, written, 20);
            Assert.True(await first.ReadPutsAsync(20), cluster.ReadLogs());

            await follower.KillAsync();
            await WriteAsync(other, written, 20);
            await first.ReadPutsAsync(int.MaxValue);
        }

        using var second = await EventStream.OpenAsync(other, "w/", first.LastId);
        Assert.True(await second.ReadPutsAsync(written.Count - first.Puts.Count), cluster.ReadLogs());

        Assert.Equal(written, [.. first.Puts, .. second.Puts]);
    }

    [Fact]
    public async Task A_retry_with_its_idempotency_key_on_another_member_after_a_failover_applies_once()
    {
        var cluster = await shared.GetAsync();
        var leader = await cluster.LeaderAsync();
        var first = await PutWithKeyAsync(leader, "idem", "pay-7");

        await leader.KillAsync();
        var others = cluster.Running.ToArray();
        await cluster.LeaderAsync();
        var again = new List<(string Body, bool Replayed)>();
        foreach (var member in others)
        {
            again.Add(await PutWithKeyAsync(member, "idem", "pay-7"));
        }

        Assert.All(again, reply => Assert.Equal((first.Body, true), reply));
        using var entry = JsonDocument.Parse(await others[0].Patient.GetStringAsync("/v1/kv/idem?format=json"));
        Assert.Equal(1, entry.RootElement.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task A_minority_refuses_and_says_so_and_goes_on_reading_locally()
    {
        var cluster = await shared.GetAsync();
        var revision = await PutAsync(cluster.Members[1], "minority", "before");
        var alone = cluster.Members[0];
        await Eventually.TrueAsync(
            async () => (await alone.StatusAsync())!.Value.GetProperty("rev").GetInt64() >= revision, "the member to have applied it");

        await cluster.Members[1].KillAsync();
        await cluster.Members[2].KillAsync();
        await Eventually.TrueAsync(
            async () => !(await alone.StatusAsync())!.Value.TryGetProperty("leader", out _), "the member to know no leader", cluster.ReadLogs);

        using var put = await alone.Client.PutAsync("/v1/kv/minority", new StringContent("lost?"));
        using var problem = JsonDocument.Parse(await put.Content.ReadAsStringAsync());
        using var get = await alone.Client.GetAsync("/v1/kv/minority");
        using var ready = await alone.Client.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, put.StatusCode);
        Assert.Equal("no-leader", problem.RootElement.GetProperty("code").GetString());
        Assert.Equal("not-applied", problem.RootElement.GetProperty("outcome").GetString());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, get.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("before", await alone.Client.GetStringAsync("/v1/kv/minority?consistency=local"));

        await cluster.RepairAsync();
        Assert.Equal("before", await alone.Patient.GetStringAsync("/v1/kv/minority"));
    }

    private static async Task WriteAsync(ClusterMember member, List<(string, long)> written, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var key = $"w/{written.Count}";
            written.Add((key, await PutAsync(member, key, "x")));
        }
    }

    private static async Task<(string Body, bool Replayed)> PutWithKeyAsync(ClusterMember member, string key, string idempotencyKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/kv/{key}") { Content = new StringContent("once") };
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await member.Patient.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return (body, response.Headers.Contains("Idempotency-Replayed"));
    }

    /// <summary>Its revision.</summary>
    private static async Task<long> PutAsync(ClusterMember member, string key, string value)
    {
        using var response = await member.Patient.PutAsync($"/v1/kv/{key}", new StringContent(value));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("rev").GetInt64();
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}

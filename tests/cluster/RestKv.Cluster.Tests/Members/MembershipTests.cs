using System.Net;
using System.Text;
using System.Text.Json;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Members;

/// <summary>Members that come, go, lose their disk and are replaced, as real processes.</summary>
public sealed class MembershipTests
{
    [Fact]
    public async Task A_member_that_lost_its_disk_is_refused_and_replaced_in_one_call()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        using var folder = new TempFolder();
        var leader = await cluster.LeaderAsync();
        var victim = await cluster.FollowerAsync();
        await PutAsync(leader, "kept");
        await Eventually.TrueAsync(
            async () => (await MemberAsync(leader, victim.Name)).TryGetProperty("clientUrls", out var urls) && urls.GetArrayLength() > 0,
            "its directory is known");

        // 1. The disk is gone: under its old id it is let in nowhere.
        await victim.KillAsync();
        Directory.Delete(victim.DataDirectory, recursive: true);
        victim.Start();
        await Eventually.TrueAsync(
            () => leader.Log.Contains("another data directory", StringComparison.Ordinal), "the wiped member is refused", cluster.ReadLogs);
        Assert.False(await victim.IsReadyAsync());
        await PutAsync(leader, "meanwhile");
        await victim.KillAsync();

        // 2. One call, one new process.
        var rest = cluster.Members.Where(member => member != victim).Select(member => $"{member.Name}={member.PeerUrl}");
        ClusterMember? newcomer = null;
        await using var started = newcomer = new ClusterMember(
            "n9", folder.Combine("n9"), () => string.Join(',', rest.Append($"n9={newcomer!.PeerUrl}")), ["--initial-cluster-state", "existing"]);
        using var replaced = await leader.Patient.PostAsync(
            $"/v1/members/{victim.Name}/replace", Json($$"""{"name":"n9","peerUrls":["{{newcomer.PeerUrl}}"]}"""));
        Assert.Equal(HttpStatusCode.Accepted, replaced.StatusCode);
        newcomer.Start();
        await Eventually.TrueAsync(
            async () => (await GetAsync(leader, replaced.Headers.Location!.ToString())).GetProperty("state").GetString() == "done",
            "the replacement is done",
            () => cluster.ReadLogs() + newcomer.Log);

        // 3. It has everything, and counts: the leader may go.
        await Eventually.TrueAsync(newcomer.IsReadyAsync, "the newcomer is ready", () => newcomer.Log);
        Assert.Equal("kept", await newcomer.Patient.GetStringAsync("/v1/kv/kept"));
        await leader.KillAsync();
        await PutAsync(newcomer, "after");
        var names = (await GetAsync(newcomer, "/v1/members")).GetProperty("members").EnumerateArray()
            .Select(member => member.GetProperty("name").GetString());
        Assert.DoesNotContain(victim.Name, names);
    }

    [Fact]
    public async Task Leadership_goes_to_whom_it_is_given_and_the_cluster_says_how_it_is()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        var follower = await cluster.FollowerAsync();
        var asked = cluster.Members.First(member => member != follower);
        await Eventually.TrueAsync(
            async () => (await GetAsync(asked, "/v1/members")).GetProperty("members").GetArrayLength() == 3, "all are listed");

        // Asked again where an election came between, or a member took more than a second to say that it is there.
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await asked.Client.PostAsync("/v1/cluster/leader", Json($$"""{"member":"{{follower.Name}}"}"""));
                return answer.StatusCode == HttpStatusCode.OK && await cluster.LeaderAsync() == follower;
            },
            "leadership to be where it was sent",
            cluster.ReadLogs);
        await Eventually.TrueAsync(async () => await UnreachableAsync(asked) is (true, 0), "all three to be reported");

        await follower.KillAsync();
        await Eventually.TrueAsync(async () => await UnreachableAsync(asked) is (false, 1), "the loss to be reported");
    }

    [Fact]
    public async Task Removing_one_more_than_may_be_missing_is_refused()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        var leader = await cluster.LeaderAsync();
        var gone = await cluster.FollowerAsync();
        var other = cluster.Members.First(member => member != leader && member != gone);
        await Eventually.TrueAsync(
            async () => (await GetAsync(leader, "/v1/members")).GetProperty("members").GetArrayLength() == 3, "all are listed");

        // The loss is counted just before the replica is told, so what is asked afterwards is judged with it.
        const string losses = "restkv_peer_losses_total";
        var before = await leader.MetricAsync(losses);
        await gone.KillAsync();
        await Eventually.TrueAsync(async () => await leader.MetricAsync(losses) > before, "the leader notices", cluster.ReadLogs);

        // A dry run says the same, whoever is asked: only the leader knows who is heard of. A newcomer takes nobody's vote.
        foreach (var (asked, victim, status) in new[]
        {
            (leader, other, HttpStatusCode.Conflict), (other, other, HttpStatusCode.Conflict), (other, leader, HttpStatusCode.Conflict),
            (leader, gone, HttpStatusCode.OK), (other, gone, HttpStatusCode.OK),
        })
        {
            using var judged = await asked.Patient.DeleteAsync($"/v1/members/{victim.Name}?dryRun=true");
            var text = await judged.Content.ReadAsStringAsync();
            Assert.Equal((victim.Name, status, text), (victim.Name, judged.StatusCode, text));
            Assert.Contains(status == HttpStatusCode.OK ? "\"dryRun\":true" : "quorum-at-risk", text, StringComparison.Ordinal);
            using var replaced = await asked.Patient.PostAsync(
                $"/v1/members/{victim.Name}/replace?dryRun=true", Json("""{"name":"n9","peerUrls":["http://127.0.0.1:9"]}"""));
            text = await replaced.Content.ReadAsStringAsync();
            Assert.Equal((victim.Name, HttpStatusCode.OK, text), (victim.Name, replaced.StatusCode, text));
        }

        var names = (await GetAsync(leader, "/v1/members")).GetProperty("members").EnumerateArray()
            .Select(member => member.GetProperty("name").GetString()!);
        Assert.Equal(cluster.Members.Select(member => member.Name).Order(), names.Order());

        using var refused = await leader.Patient.DeleteAsync($"/v1/members/{other.Name}");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("quorum-at-risk", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var removed = await leader.Patient.DeleteAsync($"/v1/members/{gone.Name}");
        Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        await PutAsync(leader, "two are left");
    }

    private static async Task<(bool Healthy, int Unreachable)> UnreachableAsync(ClusterMember asked)
    {
        var report = await GetAsync(asked, "/v1/cluster");
        return (
            report.GetProperty("healthy").GetBoolean(),
            report.GetProperty("members").EnumerateArray().Count(member => !member.GetProperty("reachable").GetBoolean()));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task PutAsync(ClusterMember member, string key)
    {
        using var answer = await member.Patient.PutAsync($"/v1/kv/{Uri.EscapeDataString(key)}", new StringContent(key));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static Task<JsonElement> MemberAsync(ClusterMember asked, string name) => GetAsync(asked, $"/v1/members/{name}");

    private static async Task<JsonElement> GetAsync(ClusterMember member, string path)
    {
        using var answer = await member.Patient.GetAsync(path);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.Clone();
    }
}

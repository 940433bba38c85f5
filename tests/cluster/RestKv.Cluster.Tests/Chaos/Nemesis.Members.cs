using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>Members that lose their disk, come and go.</summary>
internal sealed partial class Nemesis
{
    private int _newcomers;

    /// <summary>The same machine with an empty disk: refused under its old id, then taken in again in the place of itself.</summary>
    private async Task WipeAndReplaceAsync()
    {
        var victim = await VictimAsync(ofLeader: false);
        var wasJoined = victim.Log.Contains("\"event\":\"Joining\"", StringComparison.Ordinal);
        await Eventually.TrueAsync(
            async () => (await RoleAsync(victim.Name)) is not null && await HasAnnouncedAsync(victim.Name),
            "its directory is known",
            cluster.ReadLogs);
        await victim.KillAsync();
        Directory.Delete(victim.DataDirectory, recursive: true);
        if (!wasJoined)
        {
            var before = Refusals();
            victim.Start();
            await Eventually.TrueAsync(() => Refusals() > before, "the wiped member to be refused", cluster.ReadLogs);
            await victim.KillAsync();
            Directory.Delete(victim.DataDirectory, recursive: true);
        }

        var replaced = await AskAsync(HttpMethod.Post, $"/v1/members/{victim.Name}/replace", "{}");
        var newcomer = cluster.NewMember(victim.Name, victim.Name);
        cluster.Dismiss(victim);
        cluster.Enlist(newcomer);
        newcomer.Start();
        await Eventually.TrueAsync(
            async () => await StateOfAsync(replaced.GetProperty("member").GetProperty("id").GetString()!) == "done",
            "the replacement to be done",
            cluster.ReadLogs);
    }

    /// <summary>A learner that serves, votes, and is sent away.</summary>
    private async Task AddPromoteRemoveAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"x{++_newcomers}");
        var newcomer = cluster.NewMember(name, ChaosCluster.SpareHost);
        await AskAsync(HttpMethod.Post, "/v1/members", $$"""{"name":"{{name}}","peerUrls":["{{newcomer.PeerUrl}}"],"learner":true}""");
        newcomer.Start();
        cluster.Enlist(newcomer);
        await Eventually.TrueAsync(async () => await RoleAsync(name) == "learner", $"{name} to learn", cluster.ReadLogs);
        await cluster.UntilWholeAsync();
        await HoldAsync("learner");

        await AskAsync(HttpMethod.Post, $"/v1/members/{name}/promote", "");
        await Eventually.TrueAsync(async () => await RoleAsync(name) == "voter", $"{name} to vote", cluster.ReadLogs);
        await HoldAsync("voter");

        cluster.Dismiss(newcomer);
        await AskAsync(HttpMethod.Delete, $"/v1/members/{name}", "");
        await Eventually.TrueAsync(async () => await RoleAsync(name) is null, $"{name} to be gone", cluster.ReadLogs);
        await newcomer.KillAsync();
        Directory.Delete(newcomer.DataDirectory, recursive: true);
    }

    private int Refusals() => cluster.Members.Sum(
        member => member.Log.Split("another data directory", StringSplitOptions.None).Length - 1);

    /// <summary>As the cluster's list has it; null when it is not there.</summary>
    private async Task<string?> RoleAsync(string name) => (await MemberAsync(name))?.GetProperty("role").GetString();

    private async Task<bool> HasAnnouncedAsync(string name) =>
        await MemberAsync(name) is { } member && member.GetProperty("clientUrls").GetArrayLength() > 0;

    private async Task<JsonElement?> MemberAsync(string name)
    {
        var list = await AskAsync(HttpMethod.Get, "/v1/members", "");
        foreach (var member in list.GetProperty("members").EnumerateArray())
        {
            if (member.GetProperty("name").GetString() == name)
            {
                return member;
            }
        }

        return null;
    }

    private async Task<string?> StateOfAsync(string operation) =>
        (await AskAsync(HttpMethod.Get, $"/v1/operations/{operation}", "")).GetProperty("state").GetString();

    /// <summary>
    /// Asks one member after the other until one does it. Refusals that are about this moment (no leader, one too many missing,
    /// not caught up) are repeated; a request that was applied although nobody said so is not asked for again.
    /// </summary>
    private async Task<JsonElement> AskAsync(HttpMethod method, string path, string body)
    {
        JsonElement? done = null;
        var last = "";
        var at = 0;
        var key = $"nemesis-{seed}-{ChaosHistory.Now()}";
        await Eventually.TrueAsync(
            async () =>
            {
                var members = cluster.Members;
                (done, last) = await TryAskAsync(members[at++ % members.Count], method, path, body, key);
                return done is not null;
            },
            $"{method} {path}",
            () => last + "\n" + cluster.ReadLogs());
        return done!.Value;
    }

    private static async Task<(JsonElement? Done, string Text)> TryAskAsync(
        ClusterMember member, HttpMethod method, string path, string body, string key)
    {
        using var request = new HttpRequestMessage(method, path);
        if (method != HttpMethod.Get)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        try
        {
            using var response = await member.Client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            if (response.IsSuccessStatusCode)
            {
                using var json = JsonDocument.Parse(text);
                return (json.RootElement.Clone(), text);
            }

            Assert.True(
                response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.Conflict,
                $"{method} {path} on {member.Name}: {text}");
            return (null, text);
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            return (null, fault.Message);
        }
    }
}

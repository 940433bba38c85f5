using System.Diagnostics;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Members;

/// <summary>Old images of data directories put back under real processes, and a directory lost in the first second.</summary>
public sealed class RolledBackTests
{
    [Fact]
    public async Task An_older_image_of_a_directory_takes_no_part_and_the_real_one_is_welcome_again()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        using var folder = new TempFolder();
        var victim = await cluster.FollowerAsync();
        var others = cluster.Members.Where(member => member != victim).ToArray();
        await PutAsync(others[0], "before");

        // 1. An image taken in the middle of a life, as of a virtual machine; then the life goes on.
        await victim.PauseAsync();
        await CopyAsync(victim.DataDirectory, folder.Combine("same-life"));
        await victim.ResumeAsync();
        await PutAsync(others[0], "lost-by-the-image");
        await UntilHeldAsync(victim, others[0]);
        await victim.KillAsync();
        Directory.Move(victim.DataDirectory, folder.Combine("real"));
        await CopyAsync(folder.Combine("same-life"), victim.DataDirectory);
        victim.Start();
        await UntilRefusedAsync(cluster, victim, "older image of its data directory");

        // 2. It knows so for ever, and the others go on without it; nothing that was acknowledged is lost.
        await victim.KillAsync();
        victim.Start();
        await UntilRefusedAsync(cluster, victim, "older image of its data directory");
        await PutAsync(others[1], "without-it");
        Assert.Equal("lost-by-the-image", await others[1].Client.GetStringAsync("/v1/kv/lost-by-the-image"));

        // 3. The real directory has everything: no reason to refuse it.
        await victim.KillAsync();
        Directory.Delete(victim.DataDirectory, recursive: true);
        await CopyAsync(folder.Combine("real"), victim.DataDirectory);
        victim.Start();
        await cluster.UntilReadyAsync();
        Assert.Equal("without-it", await victim.Client.GetStringAsync("/v1/kv/without-it"));

        // 4. An image of an earlier life, in which no write is missing: its number of starts gives it away.
        await victim.KillAsync();
        await CopyAsync(victim.DataDirectory, folder.Combine("earlier-life"));
        victim.Start();
        await cluster.UntilReadyAsync();
        await UntilAnnouncedAsync(others[0], victim);
        await victim.KillAsync();
        Directory.Delete(victim.DataDirectory, recursive: true);
        await CopyAsync(folder.Combine("earlier-life"), victim.DataDirectory);
        victim.Start();
        await UntilRefusedAsync(cluster, victim, "older image of its data directory");
        foreach (var key in new[] { "before", "lost-by-the-image", "without-it" })
        {
            Assert.Equal(key, await others[0].Client.GetStringAsync($"/v1/kv/{key}"));
        }
    }

    [Fact]
    public async Task A_directory_lost_before_the_cluster_has_listed_it_is_missed_all_the_same()
    {
        await using var cluster = new ThreeMembers();
        foreach (var member in cluster.Members)
        {
            member.Start();
        }

        var victim = cluster.Members[2];
        var others = cluster.Members.Take(2).ToArray();

        // One of them has let it in, so that one knows its directory, whatever the list says by now.
        await Eventually.TrueAsync(
            () => victim.Log.Contains("connected to member", StringComparison.Ordinal), "it is let in somewhere", cluster.ReadLogs);
        await victim.KillAsync();
        Directory.Delete(victim.DataDirectory, recursive: true);
        victim.Start();

        await UntilRefusedAsync(cluster, victim, "another data directory than the cluster knows");
        await PutAsync(others[0], "two-are-enough");
        Assert.Equal("two-are-enough", await others[1].Client.GetStringAsync("/v1/kv/two-are-enough"));
    }

    /// <summary>The others refuse it, and it says so in every place that an operator looks at.</summary>
    private static async Task UntilRefusedAsync(ThreeMembers cluster, ClusterMember victim, string reason)
    {
        await victim.Process.WaitUntilServingAsync();
        await Eventually.TrueAsync(
            async () => (await victim.StatusAsync())?.TryGetProperty("refused", out var refused) == true
                && refused.GetString()!.Contains(reason, StringComparison.Ordinal),
            "the member to say that it is refused",
            cluster.ReadLogs);
        Assert.False(await victim.IsReadyAsync());
        Assert.Contains("directory", await TextAsync(victim, "/readyz?verbose"), StringComparison.Ordinal);
        var asked = cluster.Members.First(member => member != victim);
        await Eventually.TrueAsync(
            async () => (await TextAsync(asked, "/v1/cluster")).Contains(reason, StringComparison.Ordinal),
            "another member to pass it on",
            cluster.ReadLogs);
        await Eventually.TrueAsync(
            () => victim.Process.Log.Contains("takes no part in the cluster any more", StringComparison.Ordinal)
                && cluster.Members.Any(member => member != victim && member.Log.Contains(reason, StringComparison.Ordinal)),
            "both logs to say so",
            cluster.ReadLogs);
    }

    private static async Task UntilHeldAsync(ClusterMember member, ClusterMember other)
    {
        var committed = (await other.StatusAsync())!.Value.GetProperty("commitIndex").GetInt64();
        await Eventually.TrueAsync(
            async () => (await member.StatusAsync())?.GetProperty("persistedIndex").GetInt64() >= committed, "it holds what is committed");
    }

    private static async Task UntilAnnouncedAsync(ClusterMember asked, ClusterMember member)
    {
        await Eventually.TrueAsync(
            () => member.Process.Log.Contains("the cluster knows of start", StringComparison.Ordinal),
            "it has told of its start",
            () => asked.Log);
    }

    /// <summary>Until it is acknowledged: who leads is not what these tests are about.</summary>
    private static Task PutAsync(ClusterMember member, string key) => Eventually.TrueAsync(
        async () =>
        {
            using var answer = await member.Client.PutAsync($"/v1/kv/{key}?timeout=15s", new StringContent(key));
            return answer.IsSuccessStatusCode;
        },
        $"{key} to be written",
        () => member.Log);

    private static async Task<string> TextAsync(ClusterMember member, string path)
    {
        using var answer = await member.Client.GetAsync(path);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>By a tool that heeds no locks, as an image of a disk is made; the owner stands still or is gone.</summary>
    private static async Task CopyAsync(string from, string to)
    {
        using var copying = Process.Start(new ProcessStartInfo("cp", ["-a", from, to]));
        await copying!.WaitForExitAsync();
        Assert.Equal(0, copying.ExitCode);
    }
}

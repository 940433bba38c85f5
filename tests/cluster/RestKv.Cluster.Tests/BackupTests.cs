using System.Net;
using System.Text;
using System.Text.Json;
using RestKv.Api.Hosting;
using RestKv.Cluster.Tests.Support;
using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>A backup of a running process, restored into a new cluster; and files that are no backups any more.</summary>
public sealed class BackupTests : IDisposable
{
    private const long Bump = 1_000_000_000;

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_restored_store_has_everything_and_goes_on_far_ahead()
    {
        var (file, revision) = await TakeBackupAsync();

        var restored = await RestoreAsync(file, "again");

        Assert.Equal((0, ""), (restored.ExitCode, restored.Error));
        Assert.Contains($"begins at revision {revision + Bump}", restored.Output, StringComparison.Ordinal);
        await using (var node = await RestKvProcess.StartAsync(_folder.Combine("again")))
        {
            await CheckContentAsync(node, revision);
            using var put = await node.Client.PutAsync("/v1/kv/new", new StringContent("1"));
            Assert.Equal(revision + Bump + 1, (await JsonAsync(put)).GetProperty("rev").GetInt64());
            await node.KillAsync();
        }

        await using var later = await RestKvProcess.StartAsync(_folder.Combine("again"));
        Assert.Equal("1", await later.Client.GetStringAsync("/v1/kv/new"));
        Assert.Equal("value 7", await later.Client.GetStringAsync("/v1/kv/k7"));
    }

    [Fact]
    public async Task Nobody_resumes_into_another_history()
    {
        var (file, revision) = await TakeBackupAsync();
        Assert.Equal(0, (await RestoreAsync(file, "again")).ExitCode);
        await using var node = await RestKvProcess.StartAsync(_folder.Combine("again"));

        foreach (var lastSeen in new[] { 2, revision - 1, revision, revision + 5, revision + Bump - 1 })
        {
            using var watch = new HttpRequestMessage(HttpMethod.Get, "/v1/watch?prefix=");
            watch.Headers.Accept.ParseAdd("text/event-stream");
            watch.Headers.Add("Last-Event-ID", $"{lastSeen}");
            using var answer = await node.Client.SendAsync(watch, HttpCompletionOption.ResponseHeadersRead);
            var isCurrent = lastSeen == revision + Bump - 1;
            Assert.Equal(isCurrent ? HttpStatusCode.OK : HttpStatusCode.Gone, answer.StatusCode);
            if (!isCurrent)
            {
                Assert.Equal("compacted", (await JsonAsync(answer)).GetProperty("code").GetString());
            }
        }

        using var past = await node.Client.GetAsync($"/v1/kv/k7?rev={revision}");
        Assert.Equal(HttpStatusCode.Gone, past.StatusCode);
        using var future = await node.Client.GetAsync($"/v1/kv/k7?rev={revision + Bump + 1}");
        Assert.Equal(HttpStatusCode.BadRequest, future.StatusCode);
    }

    [Fact]
    public async Task The_same_options_make_the_members_of_one_new_cluster_and_other_backups_another()
    {
        var (file, revision) = await TakeBackupAsync();
        const string list = "n1=http://127.0.0.1:22011,n2=http://127.0.0.1:22012,n3=http://127.0.0.1:22013";

        var first = await RestoreAsync(file, "n1", "--name", "n1", "--initial-cluster", list);
        var second = await RestoreAsync(file, "n2", "--name", "n2", "--initial-cluster", list);
        var bumped = await RestoreAsync(file, "n3", "--name", "n3", "--initial-cluster", list, "--revision-bump", "5");
        var unknown = await RestoreAsync(file, "n4", "--name", "n4", "--initial-cluster", list);

        Assert.Equal((0, 0, 0), (first.ExitCode, second.ExitCode, bumped.ExitCode));
        Assert.Equal(ClusterOf(first), ClusterOf(second));
        Assert.NotEqual(ClusterOf(first), ClusterOf(bumped));
        Assert.Contains($"begins at revision {revision + 5}", bumped.Output, StringComparison.Ordinal);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("does not name this member", unknown.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("n4")));
        Assert.Equal(SnapshotOf("n1"), SnapshotOf("n2"));
    }

    [Fact]
    public async Task Three_members_restored_from_one_backup_are_one_cluster()
    {
        var (file, revision) = await TakeBackupAsync();
        var members = new List<ClusterMember>();
        string List() => string.Join(',', members.Select(member => $"{member.Name}={member.PeerUrl}"));
        foreach (var name in new[] { "n1", "n2", "n3" })
        {
            members.Add(new ClusterMember(name, _folder.Combine(name), List, []));
        }

        try
        {
            foreach (var member in members)
            {
                var restored = await RestoreAsync(file, member.Name, "--name", member.Name, "--initial-cluster", List());
                Assert.Equal((0, ""), (restored.ExitCode, restored.Error));
                member.Start();
            }

            foreach (var member in members)
            {
                await Eventually.TrueAsync(member.IsReadyAsync, $"{member.Name} to be ready", () => member.Log);
                Assert.Equal("value 7", await member.Patient.GetStringAsync("/v1/kv/k7"));
            }

            using var put = await members[0].Patient.PutAsync("/v1/kv/new", new StringContent("1"));
            Assert.Equal(revision + Bump + 1, (await JsonAsync(put)).GetProperty("rev").GetInt64());
            Assert.Equal("1", await members[2].Patient.GetStringAsync("/v1/kv/new"));
        }
        finally
        {
            foreach (var member in members)
            {
                await member.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_directory_that_holds_something_is_refused()
    {
        var (file, _) = await TakeBackupAsync();

        var live = await RestoreAsync(file, "data");
        Directory.CreateDirectory(_folder.Combine("notes"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Combine("notes"), "thesis.txt"), "mine");
        var foreign = await RestoreAsync(file, "notes");
        var none = await RestoreAsync(_folder.Combine("no-such-file"), "again");
        var nonsense = await RestoreAsync(file, "again", "--revision-bump", "0");

        Assert.Equal((2, 2, 2, 2), (live.ExitCode, foreign.ExitCode, none.ExitCode, nonsense.ExitCode));
        Assert.Contains("is not empty", live.Error, StringComparison.Ordinal);
        Assert.Contains("thesis.txt", foreign.Error, StringComparison.Ordinal);
        Assert.Contains("no-such-file", none.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("again")));
    }

    [Fact]
    public async Task A_file_cut_at_any_percent_or_with_any_flip_is_refused_before_anything_is_touched()
    {
        var (file, _) = await TakeBackupAsync();
        var bytes = await File.ReadAllBytesAsync(file);
        var damaged = _folder.Combine("damaged.snap");
        var options = new NodeOptions { DataDir = _folder.Combine("never") };

        for (var percent = 0; percent < 100; percent++)
        {
            await File.WriteAllBytesAsync(damaged, bytes[..(int)((long)bytes.Length * percent / 100)]);
            var cut = Assert.ThrowsAny<CorruptDataException>(() => BackupRestore.Run(damaged, options, Bump));
            Assert.Contains("damaged.snap is damaged at offset", cut.Message, StringComparison.Ordinal);
        }

        SeededRandom.Run(22, random =>
        {
            for (var flip = 0; flip < 200; flip++)
            {
                var garbled = (byte[])bytes.Clone();
                garbled[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(damaged, garbled);
                Assert.ThrowsAny<CorruptDataException>(() => BackupRestore.Run(damaged, options, Bump));
            }
        });
        Assert.False(Directory.Exists(options.DataDir));
    }

    [Fact]
    public async Task A_damaged_file_ends_the_command_with_code_3_and_the_place()
    {
        var (file, _) = await TakeBackupAsync();
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[5000] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        var restore = await RestoreAsync(file, "again");
        var status = await RestKvBinary.RunAsync(["snapshot", "status", file]);

        Assert.Equal((3, 3), (restore.ExitCode, status.ExitCode));
        Assert.Contains("backup.snap is damaged at offset 1024", restore.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was restored", restore.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("again")));
    }

    [Fact]
    public async Task Status_says_what_a_backup_holds()
    {
        var (file, revision) = await TakeBackupAsync();

        var status = await RestKvBinary.RunAsync(["snapshot", "status", file]);

        Assert.Equal(0, status.ExitCode);
        Assert.StartsWith("intact: cluster ", status.Output, StringComparison.Ordinal);
        Assert.Contains($"revision {revision}, ", status.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A store with history, leases, deletions and outcomes; and what was written after the backup is not in it.</summary>
    private async Task<(string File, long Revision)> TakeBackupAsync()
    {
        await using var node = await RestKvProcess.StartAsync(_folder.Combine("data"));
        for (var i = 0; i < 300; i++)
        {
            using var put = await node.Client.PutAsync($"/v1/kv/k{i % 100}", new StringContent($"value {i % 100}"));
            Assert.True(put.IsSuccessStatusCode);
        }

        using var session = await node.Client.PutAsync("/v1/kv/session?ttl=1000s", new StringContent("ann"));
        using var deleted = await node.Client.DeleteAsync("/v1/kv/k3");
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/kv/pay") { Content = new StringContent("paid") };
        request.Headers.Add("Idempotency-Key", "once");
        using var paid = await node.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, paid.StatusCode);
        var revision = (await JsonAsync(paid)).GetProperty("rev").GetInt64();

        using var answer = await node.Client.GetAsync("/v1/snapshot");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal($"{revision}", answer.Headers.GetValues("Kv-Revision").Single());
        var file = _folder.Combine("backup.snap");
        await File.WriteAllBytesAsync(file, await answer.Content.ReadAsByteArrayAsync());
        using var lost = await node.Client.PutAsync("/v1/kv/lost", new StringContent("after the backup"));
        Assert.True(lost.IsSuccessStatusCode);
        Assert.Equal(0, await node.TerminateAsync());
        return (file, revision);
    }

    private static async Task CheckContentAsync(RestKvProcess node, long revision)
    {
        Assert.Equal("value 7", await node.Client.GetStringAsync("/v1/kv/k7"));
        using (var entry = await node.Client.GetAsync("/v1/kv/k7"))
        {
            Assert.Equal("\"209\"", entry.Headers.ETag!.Tag);
            Assert.Equal("3", entry.Headers.GetValues("Kv-Version").Single());
        }

        foreach (var gone in new[] { "k3", "lost" })
        {
            using var missing = await node.Client.GetAsync($"/v1/kv/{gone}");
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }

        using var session = await node.Client.GetAsync("/v1/kv/session");
        Assert.InRange(int.Parse(session.Headers.GetValues("Kv-Ttl").Single(), null), 1, 1000);

        // What the backup knows to have happened does not happen again.
        using var retry = new HttpRequestMessage(HttpMethod.Put, "/v1/kv/pay") { Content = new StringContent("paid") };
        retry.Headers.Add("Idempotency-Key", "once");
        using var replayed = await node.Client.SendAsync(retry);
        Assert.Equal("true", replayed.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(revision, (await JsonAsync(replayed)).GetProperty("rev").GetInt64());
    }

    private Task<FinishedProcess> RestoreAsync(string file, string directory, params string[] flags) =>
        RestKvBinary.RunAsync(["restore", file, "--data-dir", _folder.Combine(directory), .. flags]);

    private static string ClusterOf(FinishedProcess restored) =>
        System.Text.RegularExpressions.Regex.Match(restored.Output, "new cluster (?<id>[0-9a-f]+)").Groups["id"].Value;

    private string SnapshotOf(string directory)
    {
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_folder.Combine(directory), "snapshots")));
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync()));
        return document.RootElement.Clone();
    }
}

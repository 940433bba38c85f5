using System.Net;
using System.Text.Json;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>The real binary on a disk that fails: syncs that return errors, and a file system that fills up.</summary>
public sealed class DiskFaultTests : IDisposable
{
    private const int InputOutputErrorExit = 74;
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_failed_sync_ends_the_process_before_anything_is_acknowledged()
    {
        using var shim = await DiskShim.CompileAsync();
        var data = Path.Combine(_folder.Path, "data");
        await using (var node = await RestKvProcess.StartAsync(data, shim.EnvironmentOf("node")))
        {
            using var good = await node.Client.PutAsync("/v1/kv/before", new StringContent("kept"));
            Assert.Equal(HttpStatusCode.Created, good.StatusCode);

            shim.FailSyncs("node");
            var answered = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => IsAnsweredAsync(node, $"/v1/kv/after{i}")));

            Assert.Equal(InputOutputErrorExit, await node.WaitForExitAsync());
            Assert.DoesNotContain(true, answered);
        }

        await using var again = await RestKvProcess.StartAsync(data);
        Assert.Equal("kept", await again.Client.GetStringAsync("/v1/kv/before"));
    }

    [Fact]
    public async Task A_full_disk_refuses_puts_takes_deletes_and_heals_by_itself()
    {
        await using var disk = await SmallDisk.TryMountAsync(_folder.Path, "160m");
        if (disk is null)
        {
            await Console.Error.WriteLineAsync("SKIPPED ROW: mounting a small file system needs root");
            return;
        }

        await FillAndHealAsync(Path.Combine(_folder.Path, "data"));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task FillAndHealAsync(string data)
    {
        await using var node = await RestKvProcess.StartAsync(data);
        var value = new string('x', 1_000_000);
        var acknowledged = 0;
        HttpStatusCode status;
        do
        {
            using var reply = await node.Client.PutAsync($"/v1/kv/big/{acknowledged}", new StringContent(value));
            status = reply.StatusCode;
            if (status == HttpStatusCode.InsufficientStorage)
            {
                using var problem = JsonDocument.Parse(await reply.Content.ReadAsStringAsync());
                Assert.Equal("no-space", problem.RootElement.GetProperty("code").GetString());
                Assert.Equal("not-applied", problem.RootElement.GetProperty("outcome").GetString());
                break;
            }

            acknowledged++;
            Assert.True(acknowledged < 1000, "a 160 MB disk took a gigabyte");
        }
        while (status is HttpStatusCode.Created or HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.InsufficientStorage, status);

        // Nothing acknowledged is gone, and what frees space is taken.
        using (var head = await node.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v1/kv/big/{acknowledged - 1}")))
        {
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        }

        using var deleted = await node.Client.DeleteAsync("/v1/kv?prefix=big/");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        using var answer = JsonDocument.Parse(await deleted.Content.ReadAsStringAsync());
        var revision = answer.RootElement.GetProperty("rev").GetInt64();
        using var compacted = await node.Client.PostAsync(
            "/v1/compact", new StringContent($"{{\"rev\":{revision}}}", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, compacted.StatusCode);

        await Eventually.TrueAsync(
            async () =>
            {
                using var put = await node.Client.PutAsync("/v1/kv/healed", new StringContent("yes"));
                return put.IsSuccessStatusCode;
            },
            $"space to come back without an operator:\n{node.Log}");
        await node.KillAsync();

        await using var again = await RestKvProcess.StartAsync(data);
        Assert.Equal("yes", await again.Client.GetStringAsync("/v1/kv/healed"));
    }

    private static async Task<bool> IsAnsweredAsync(RestKvProcess node, string path)
    {
        try
        {
            using var reply = await node.Client.PutAsync(path, new StringContent("lost"));
            return reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

using System.Collections.Concurrent;
using System.Text.Json;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>kill -9 under load, over and over: what was acknowledged is there, and time does not go back.</summary>
public sealed class KillLoopTests : IDisposable
{
    private const int Rounds = 6;
    private const int Writers = 8;
    private const int AcknowledgedPerRound = 300;

    private readonly TempFolder _folder = new();
    private readonly ConcurrentDictionary<string, (string Value, long Revision)> _acknowledged = new();

    [Fact]
    public async Task No_acknowledged_write_is_lost_and_no_revision_comes_twice()
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var node = await RestKvProcess.StartAsync(_folder.Path);
            await CheckAsync(node);

            var goal = _acknowledged.Count + AcknowledgedPerRound;
            var writers = Enumerable.Range(0, Writers).Select(writer => WriteUntilKilledAsync(node, round, writer)).ToArray();
            await Eventually.TrueAsync(() => _acknowledged.Count >= goal, $"{goal} acknowledged writes", () => node.Log);
            await node.KillAsync();
            await Task.WhenAll(writers);
        }

        await using var last = await RestKvProcess.StartAsync(_folder.Path);
        await CheckAsync(last);
        Assert.True(_acknowledged.Count >= Rounds * AcknowledgedPerRound);
    }

    public void Dispose() => _folder.Dispose();

    private async Task WriteUntilKilledAsync(RestKvProcess node, int round, int writer)
    {
        for (var sequence = 0; ; sequence++)
        {
            var key = $"r{round}/w{writer}/{sequence}";
            var value = $"value of {key} {new string('x', sequence % 1000)}";
            try
            {
                using var response = await node.Client.PutAsync($"/v1/kv/{key}", new StringContent(value));
                Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
                using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
                _acknowledged[key] = (value, json.RootElement.GetProperty("rev").GetInt64());
            }
            catch (HttpRequestException)
            {
                // Killed: this write may or may not have happened, and it was not acknowledged.
                return;
            }
        }
    }

    private async Task CheckAsync(RestKvProcess node)
    {
        var revisions = _acknowledged.Values.Select(write => write.Revision).ToArray();
        Assert.Equal(revisions.Length, revisions.Distinct().Count());
        using var status = JsonDocument.Parse(await node.Client.GetStringAsync("/v1/kv?prefix=&countOnly=true"));
        Assert.True(status.RootElement.GetProperty("rev").GetInt64() >= revisions.DefaultIfEmpty().Max());
        Assert.True(status.RootElement.GetProperty("count").GetInt64() >= revisions.Length);
        foreach (var (key, (value, revision)) in _acknowledged)
        {
            using var response = await node.Client.GetAsync($"/v1/kv/{key}");
            Assert.True(response.IsSuccessStatusCode, $"{key}, acknowledged at revision {revision}, is gone");
            Assert.Equal(value, await response.Content.ReadAsStringAsync());
            Assert.Equal($"\"{revision}\"", response.Headers.ETag?.Tag);
        }
    }
}

using RestKv.Testing;

namespace RestKv.Cluster.Tests.Support;

/// <summary>A cluster of three real processes on loopback addresses of their own.</summary>
internal sealed class ThreeMembers : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    public ThreeMembers(params string[] flags) =>
        Members = [.. Enumerable.Range(1, 3).Select(number =>
            new ClusterMember($"n{number}", _folder.Combine($"n{number}"), InitialCluster, flags))];

    public IReadOnlyList<ClusterMember> Members { get; }

    public IEnumerable<ClusterMember> Running => Members.Where(member => member.IsRunning && !member.IsPaused);

    /// <summary>Starts all three and waits until each is ready.</summary>
    public static async Task<ThreeMembers> StartAsync(params string[] flags)
    {
        var cluster = new ThreeMembers(flags);
        try
        {
            foreach (var member in cluster.Members)
            {
                member.Start();
            }

            await cluster.UntilReadyAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Until everybody who runs is ready.</summary>
    public async Task UntilReadyAsync()
    {
        foreach (var member in Running.ToArray())
        {
            await Eventually.TrueAsync(member.IsReadyAsync, $"{member.Name} to be ready", ReadLogs, Eventually.StartDeadline);
        }
    }

    /// <summary>The one that leads now, as everybody who runs sees it.</summary>
    public async Task<ClusterMember> LeaderAsync()
    {
        ClusterMember? leader = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var seen = new HashSet<string>();
                leader = null;
                foreach (var member in Running.ToArray())
                {
                    var status = await member.StatusAsync();
                    seen.Add(status?.TryGetProperty("leader", out var known) == true ? known.GetString()! : "");
                    leader = status?.GetProperty("role").GetString() == "leader" ? member : leader;
                }

                return leader is not null && seen.Count == 1;
            },
            "one leader that all know",
            ReadLogs);
        return leader!;
    }

    public async Task<ClusterMember> FollowerAsync()
    {
        var leader = await LeaderAsync();
        return Running.First(member => member != leader);
    }

    /// <summary>Whoever was killed or paused is back, and all are ready.</summary>
    public async Task RepairAsync()
    {
        foreach (var member in Members)
        {
            if (member.IsPaused)
            {
                await member.ResumeAsync();
            }
            else if (!member.IsRunning)
            {
                member.Start();
            }
        }

        await UntilReadyAsync();
    }

    public string ReadLogs() => string.Join('\n', Members.Select(member => $"--- {member.Name}\n{member.Log}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members)
        {
            await member.DisposeAsync();
        }

        _folder.Dispose();
    }

    private string InitialCluster() => string.Join(',', Members.Select(member => $"{member.Name}={member.PeerUrl}"));
}

using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>
/// Does harm, one fault at a time, never to so many that no majority is left, and sees to it that writes go on meanwhile and that
/// everybody is well afterwards. How long a fault lasts is drawn; whether a run passes never depends on it.
/// </summary>
internal sealed partial class Nemesis(ChaosCluster cluster, ChaosHistory history, int seed)
{
    private const int WritesMeanwhile = 25;

    /// <summary>Name and deed of each.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Nemesis, Task>> Faults = new Dictionary<string, Func<Nemesis, Task>>
    {
        ["kill-leader"] = nemesis => nemesis.KillAsync(ofLeader: true),
        ["kill-follower"] = nemesis => nemesis.KillAsync(ofLeader: false),
        ["kill-all"] = nemesis => nemesis.KillAllAsync(),
        ["pause-leader"] = nemesis => nemesis.PauseAsync(ofLeader: true),
        ["pause-follower"] = nemesis => nemesis.PauseAsync(ofLeader: false),
        ["rolling-restart"] = nemesis => nemesis.RestartAllAsync(),
        ["partition"] = nemesis => nemesis.PartitionAsync(),
        ["isolate-leader"] = nemesis => nemesis.IsolateLeaderAsync(),
        ["leader-deaf"] = nemesis => nemesis.CutLeaderOneWayAsync(isDeaf: true),
        ["leader-mute"] = nemesis => nemesis.CutLeaderOneWayAsync(isDeaf: false),
        ["one-way"] = nemesis => nemesis.CutOneWayAsync(),
        ["partial"] = nemesis => nemesis.CutOneLinkAsync(),
        ["flapping"] = nemesis => nemesis.FlapAsync(),
        ["slow-link"] = nemesis => nemesis.SlowLinkAsync(),
        ["slow-disk-leader"] = nemesis => nemesis.SlowDiskAsync(ofLeader: true),
        ["slow-disk-follower"] = nemesis => nemesis.SlowDiskAsync(ofLeader: false),
        ["failing-sync-leader"] = nemesis => nemesis.FailSyncAsync(ofLeader: true),
        ["failing-sync-follower"] = nemesis => nemesis.FailSyncAsync(ofLeader: false),
        ["full-disk-leader"] = nemesis => nemesis.FillDiskAsync(ofLeader: true),
        ["full-disk-follower"] = nemesis => nemesis.FillDiskAsync(ofLeader: false),
        ["wipe-replace"] = nemesis => nemesis.WipeAndReplaceAsync(),
        ["add-promote-remove"] = nemesis => nemesis.AddPromoteRemoveAsync(),
        ["transfer"] = nemesis => nemesis.TransferAsync(),
    };

    private readonly Random _random = new(seed);

    public async Task<FaultRecord> InflictAsync(string fault)
    {
        var from = ChaosHistory.Now();
        await Faults[fault](this);
        await cluster.UntilWholeAsync();
        await ProgressAsync(fault);
        var to = ChaosHistory.Now();
        return new FaultRecord(fault, from, to, GapMs(from, to));
    }

    private double GapMs(long from, long to)
    {
        var last = from;
        var longest = 0L;
        foreach (var at in history.AcknowledgedAt.Where(at => at >= from && at <= to).Append(to))
        {
            longest = Math.Max(longest, at - last);
            last = at;
        }

        return longest / 1e6;
    }

    /// <summary>Writes go on: so many more are acknowledged.</summary>
    private Task ProgressAsync(string fault)
    {
        var goal = history.Acknowledged + WritesMeanwhile;
        return Eventually.TrueAsync(() => history.Acknowledged >= goal, $"writes to go on: {fault}", cluster.ReadLogs);
    }

    private async Task HoldAsync(string fault)
    {
        await Task.Delay(_random.Next(200, 1000), CancellationToken.None);
        await ProgressAsync(fault);
    }

    private async Task<ClusterMember> VictimAsync(bool ofLeader)
    {
        var leader = await cluster.LeaderAsync();
        return ofLeader ? leader : AnyBut(leader);
    }

    private ClusterMember Any() => cluster.Members[_random.Next(cluster.Members.Count)];

    private ClusterMember AnyBut(ClusterMember member)
    {
        ClusterMember[] others = [.. cluster.Members.Where(other => other != member)];
        return others[_random.Next(others.Length)];
    }

    private static bool IsSkipped(bool isPossible, string what)
    {
        if (!isPossible)
        {
            Console.Error.WriteLine($"SKIPPED ROW: {what} needs root");
        }

        return !isPossible;
    }
}

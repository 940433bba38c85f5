using System.Globalization;
using System.Text.Json;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>
/// Members as processes, each in a network and on a disk of its own as far as this machine allows it (root), with syncs that can be
/// made to fail. One more host stands by for a member that comes later. The nemesis owns the list of members; clients read it.
/// </summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    public const string SpareHost = "x";
    private const string DiskSize = "200m";

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, MemberHome> _homes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SmallDisk> _disks = new(StringComparer.Ordinal);
    private readonly List<ClusterMember> _gone = [];
    private readonly DiskShim _shim;
    private readonly string[] _flags;
    private string _firstMembers = "";
    private int _directories;

    private ChaosCluster(DiskShim shim, NetworkNamespaces? network, string[] flags) => (_shim, Network, _flags) = (shim, network, flags);

    public IReadOnlyList<ClusterMember> Members { get; private set; } = [];

    /// <summary>Null where there are no namespaces.</summary>
    public NetworkNamespaces? Network { get; }

    public DiskShim Shim => _shim;

    /// <param name="flags">Of every member.</param>
    public static async Task<ChaosCluster> StartAsync(int count, params string[] flags)
    {
        string[] names = [.. Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"n{number}"))];
        var cluster = new ChaosCluster(
            await DiskShim.CompileAsync(), await NetworkNamespaces.TryCreateAsync([.. names, SpareHost]), flags);
        try
        {
            foreach (var name in names.Append(SpareHost))
            {
                await cluster.PrepareAsync(name);
            }

            cluster.Members = [.. names.Select(name => cluster.NewMember(name, name, () => cluster._firstMembers))];
            cluster._firstMembers = cluster.ListOf(cluster.Members);
            foreach (var member in cluster.Members)
            {
                member.Start();
            }

            await cluster.UntilWholeAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Null where small disks cannot be mounted.</summary>
    public SmallDisk? DiskOf(ClusterMember member) => _disks.GetValueOrDefault(member.Name);

    /// <summary>One that comes into a running cluster, with an empty directory. Not started, and not in the list.</summary>
    public ClusterMember NewMember(string name, string host)
    {
        ClusterMember? made = null;
        made = NewMember(
            name, host, () => ListOf(Members.Where(member => member.Name != name).Append(made!)), "--initial-cluster-state", "existing");
        return made;
    }

    public void Enlist(ClusterMember member) => Members = [.. Members, member];

    /// <summary>Nobody asks it any more; it is disposed of with the cluster.</summary>
    public void Dismiss(ClusterMember member)
    {
        Members = [.. Members.Where(other => other != member)];
        _gone.Add(member);
    }

    /// <summary>The one that leads now, as far as it knows; of several who think so the one of the newest term.</summary>
    public async Task<ClusterMember> LeaderAsync()
    {
        ClusterMember? leader = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var newest = -1L;
                foreach (var member in Members.Where(member => member.IsRunning && !member.IsPaused))
                {
                    if (await StatusAsync(member) is { } status && status.GetProperty("role").GetString() == "leader"
                        && status.GetProperty("term").GetInt64() is var term && term > newest)
                    {
                        (leader, newest) = (member, term);
                    }
                }

                return leader is not null;
            },
            "a leader",
            ReadLogs);
        return leader!;
    }

    /// <summary>Every member is ready, and all know the same leader.</summary>
    public Task UntilWholeAsync() => Eventually.TrueAsync(
        async () =>
        {
            var leaders = new HashSet<string>();
            foreach (var member in Members)
            {
                var status = await StatusAsync(member);
                if (status is null || !status.Value.TryGetProperty("leader", out var leader) || !await member.IsReadyAsync())
                {
                    return false;
                }

                leaders.Add(leader.GetString()!);
            }

            return leaders.Count == 1;
        },
        "all members to be ready and to agree on a leader",
        ReadLogs,
        Eventually.StartDeadline);

    public static async Task<JsonElement?> StatusAsync(ClusterMember member)
    {
        try
        {
            return await member.StatusAsync();
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public string ReadLogs() =>
        string.Join('\n', Members.Concat(_gone).Select(member => $"--- {member.Name} {member.ClientUrl}\n{member.Log}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members.Concat(_gone))
        {
            await member.DisposeAsync();
        }

        foreach (var disk in _disks.Values)
        {
            await disk.DisposeAsync();
        }

        if (Network is not null)
        {
            await Network.DisposeAsync();
        }

        _shim.Dispose();
        _folder.Dispose();
    }

    private async Task PrepareAsync(string name)
    {
        _homes[name] = Network is null
            ? new MemberHome(LoopbackAddresses.Next().ToString()) { Environment = _shim.EnvironmentOf(name) }
            : new MemberHome(Network.AddressOf(name))
            {
                Environment = _shim.EnvironmentOf(name),
                Enter = command => Network.Enter(name, command),
            };
        Directory.CreateDirectory(_folder.Combine(name));
        if (await SmallDisk.TryMountAsync(_folder.Combine(name), DiskSize) is { } disk)
        {
            _disks.Add(name, disk);
        }
    }

    private ClusterMember NewMember(string name, string host, Func<string> initialCluster, params string[] flags)
    {
        var directory = Path.Join(_folder.Combine(host), string.Create(CultureInfo.InvariantCulture, $"data{++_directories}"));
        return new ClusterMember(
            name, directory, initialCluster, ["--insecure", "--snapshot-wal-bytes", "1MiB", .. _flags, .. flags], _homes[host]);
    }

    private string ListOf(IEnumerable<ClusterMember> members) =>
        string.Join(',', members.Select(member => $"{member.Name}={member.PeerUrl}"));
}

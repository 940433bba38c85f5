using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using RestKv.Checkers.History;
using RestKv.Checkers.Watch;
using RestKv.Cluster.Tests.Support;
using RestKv.Core.Commands;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>
/// One run: a cluster, clients on all members, faults one after the other, then peace until all members hold the same, and the
/// verdict over all that was seen.
/// </summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    private const string AllKeys = "";
    private const int LinesShown = 6;

    private readonly ChaosOptions _options;
    private readonly ChaosCluster _cluster;
    private readonly ChaosHistory _history = new();
    private readonly ConcurrentDictionary<string, ChaosSighting> _seen = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopClients = new();
    private readonly CancellationTokenSource _stopWatchers = new();
    private readonly List<FaultRecord> _faults = [];
    private readonly long _wallZero = WallZero();
    private ChaosWatcher[] _watchers = [];
    private string _unrest = "";
    private Task _clients = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;

    private ChaosRun(ChaosOptions options, ChaosCluster cluster) => (_options, _cluster) = (options, cluster);

    public static async Task<ChaosReport> RunAsync(ChaosOptions options)
    {
        string[] flags = options.ElectionTimeout is { } timeout
            ? ["--election-timeout", string.Create(CultureInfo.InvariantCulture, $"{timeout.TotalMilliseconds:F0}ms")]
            : [];
        await using var run = new ChaosRun(options, await ChaosCluster.StartAsync(options.Members, flags));
        return await run.RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopClients.CancelAsync();
        await _stopWatchers.CancelAsync();
        await _clients;
        await _watching;
        await _cluster.DisposeAsync();
        _stopClients.Dispose();
        _stopWatchers.Dispose();
    }

    private async Task<ChaosReport> RunAsync()
    {
        List<string> violations = [];
        ChaosEvidence? evidence = null;
        Start();
        try
        {
            var nemesis = new Nemesis(_cluster, _history, _options.Seed);
            foreach (var fault in _options.Faults)
            {
                _faults.Add(await nemesis.InflictAsync(fault));
            }

            await _stopClients.CancelAsync();
            await _clients;
            evidence = await SettleAsync();
            violations.AddRange(ChaosVerdict.Judge(evidence));
        }
        catch (Exception fault) when (fault is Xunit.Sdk.XunitException or HttpRequestException or IOException or OperationCanceledException)
        {
            var lines = fault.Message.Split('\n');
            violations.Add(
                $"after {string.Join(", ", _faults.Select(done => done.Name))}: "
                + $"{fault.GetType().Name}: {string.Join(" | ", lines.Take(LinesShown))}");
        }

        violations.AddRange(_history.Defects);
        var report = Report(violations);
        return violations.Count == 0 ? report : report with { Folder = ChaosFiles.Save(evidence, report.ToString(), _cluster.ReadLogs()) };
    }

    private void Start()
    {
        string[] prefixes = [AllKeys, "c/", "l/", AllKeys];
        _watchers = [.. Enumerable.Range(0, _options.Watchers).Select(number =>
            new ChaosWatcher(_cluster, _history, number, prefixes[number % prefixes.Length], _options.Seed))];
        _watching = Task.WhenAll(_watchers.Select(watcher => watcher.RunAsync(_stopWatchers.Token)));
        var holders = Enumerable.Range(_options.Clients, _options.LeaseHolders)
            .Select(number => new ChaosLeaseHolder(_cluster, _history, number, _options.Seed).RunAsync(_stopClients.Token));
        var clients = Enumerable.Range(0, _options.Clients)
            .Select(number => new ChaosClient(_cluster, _history, _seen, number, _options.Seed).RunAsync(_options.Pace, _stopClients.Token));
        var readers = Enumerable.Range(0, _options.Members)
            .Select(place => new ChaosReader(
                _cluster, _history, place, _options.Clients + _options.LeaseHolders + place, _options.Seed).RunAsync(_stopClients.Token));
        _clients = Task.WhenAll([.. holders, .. clients, .. readers]);
    }

    /// <summary>Waits until nothing moves any more, and takes what every member then has.</summary>
    private async Task<ChaosEvidence> SettleAsync()
    {
        await _cluster.UntilWholeAsync();
        await Eventually.TrueAsync(IsAtRestAsync, "leases to end, and all members to come to the same revision",
            () => _unrest + "\n" + _cluster.ReadLogs());
        var endOfRun = ChaosHistory.Now();
        var revision = await RevisionAsync(_cluster.Members[0]);
        await Eventually.TrueAsync(
            () => _watchers.All(watcher => watcher.LastId >= revision), $"all watches to come to {revision}", _cluster.ReadLogs);
        foreach (var watcher in _watchers)
        {
            watcher.Stream.ExpectedThrough = revision;
        }

        await _stopWatchers.CancelAsync();
        await _watching;
        return new ChaosEvidence
        {
            Operations = _history.Operations,
            Events = await ChaosDump.SameEverywhereAsync(_cluster.Members, revision),
            Streams = [.. _watchers.Select(watcher => watcher.Stream)],
            AcknowledgedAt = _history.AcknowledgedAt,
            WallZero = _wallZero,
            ClockDrift = Math.Abs(WallZero() - _wallZero),
            EndOfRun = endOfRun,
        };
    }

    private async Task<bool> IsAtRestAsync()
    {
        var isQuiet = true;
        var revisions = new HashSet<long>();
        var unrest = new List<string>();
        foreach (var member in _cluster.Members)
        {
            if (await member.StatusAsync() is not { } status)
            {
                return false;
            }

            Assert.False(status.GetProperty("diverged").GetBoolean(), $"{member.Name} has another state than the others");
            var (pending, leases) = (status.GetProperty("proposalsPending").GetInt64(), status.GetProperty("leases").GetInt64());
            isQuiet &= pending == 0 && leases == 0;
            revisions.Add(status.GetProperty("rev").GetInt64());
            unrest.Add($"{member.Name}: {status.GetRawText()}");
        }

        _unrest = $"{_history.Revision} was seen; {string.Join('\n', unrest)}";
        return isQuiet && revisions.Count == 1 && revisions.Single() >= _history.Revision;
    }

    private static async Task<long> RevisionAsync(ClusterMember member)
    {
        using var json = JsonDocument.Parse(await member.Client.GetStringAsync("/v1/kv?prefix=&countOnly=true"));
        return json.RootElement.GetProperty("rev").GetInt64();
    }

    private static long WallZero() =>
        ChaosHistory.Now() - (long)((TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds * 1e6);

    private ChaosReport Report(List<string> violations)
    {
        var operations = _history.Operations;
        return new ChaosReport
        {
            Options = _options,
            Faults = _faults,
            Operations = operations.Count,
            Acknowledged = _history.Acknowledged,
            Unknown = operations.Count(operation => operation.Outcome == HistoryOutcome.Unknown),
            Revisions = _history.Revision,
            WatchEvents = _watchers.SelectMany(watcher => watcher.Stream.Connections)
                .Sum(connection => connection.Frames.OfType<WatchFrame.Event>().Count()),
            Leases = operations.Count(operation => operation.Outcome == HistoryOutcome.Ok
                && operation.Request is HistoryRequest.Submit { Command: Command.LeaseGrant }),
            Violations = violations,
        };
    }
}

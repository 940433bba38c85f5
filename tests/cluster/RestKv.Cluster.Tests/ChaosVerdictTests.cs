using System.Globalization;
using System.Text.Json;
using RestKv.Checkers.History;
using RestKv.Checkers.Watch;
using RestKv.Cluster.Tests.Chaos;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Cluster.Tests;

/// <summary>The judges of the chaos runner: a run that was right passes, and each kind of wrong one is told.</summary>
public sealed class ChaosVerdictTests
{
    private const string At = "2026-01-01T00:00:05.000Z";
    private static readonly long AtNs = DateTimeOffset.Parse(At, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds() * 1_000_000;
    private readonly List<HistoryOperation> _operations = [];
    private readonly List<StreamEvent> _events = [];
    private readonly WatchConnection _watch = new() { From = 2 };

    public ChaosVerdictTests()
    {
        // Two puts, a delete that nobody answered, a compare-and-set that lost, a lease that ended, and what a watch saw of it.
        Add(1, ChaosCalls.Put("a", "v1"), 10, 20, new OperationResult.Put(2, true, null, LeaseId.None));
        Put(2, "a", "v1", 2, 1);
        Add(2, ChaosCalls.Put("a", "v2"), 30, 40, new OperationResult.Put(3, false, null, LeaseId.None));
        Put(3, "a", "v2", 2, 2);
        Add(3, ChaosCalls.PutIfAt("a", "v3", 2), 50, 60, new OperationResult.Txn(3, false, []));
        Add(4, ChaosCalls.Delete("a"), 70, HistoryOperation.Never, null);
        Delete(4, "a", "delete");
        Add(5, ChaosCalls.Get("a"), 80, 90, new OperationResult.Get(4, new RangeResult([], -1, false)));
        Add(
            6, ChaosCalls.Grant(new LeaseId(7), 2), AtNs - 3_000_000_000, AtNs - 2_999_000_000,
            new OperationResult.LeaseGranted(4, new LeaseId(7), 2));
        Add(
            7, ChaosCalls.Put("l", "v7", new LeaseId(7)), AtNs - 2_000_000_000, AtNs - 1_999_000_000,
            new OperationResult.Put(5, true, null, new LeaseId(7)));
        Put(5, "l", "v7", 5, 1, new LeaseId(7));
        Delete(6, "l", "expire");
        _watch.Frames.Add(new WatchFrame.Open(0, 6, 2));
        foreach (var change in _events)
        {
            _watch.Frames.Add(new WatchFrame.Event(0, ChaosWatcher.ChangeOf(change), true));
        }
    }

    [Fact]
    public void A_run_that_was_right_passes() => Assert.Empty(Judge());

    [Fact]
    public void An_acknowledged_write_that_is_nowhere_is_told()
    {
        Add(8, ChaosCalls.Put("b", "v8"), 100, 110, new OperationResult.Put(9, true, null, LeaseId.None));

        Assert.Contains(Judge(), violation => violation.Contains("I19", StringComparison.Ordinal));
    }

    [Fact]
    public void A_write_that_took_place_twice_is_told()
    {
        Put(7, "a", "v1", 7, 1);

        Assert.Contains(Judge(), violation => violation.Contains("I18", StringComparison.Ordinal));
    }

    [Fact]
    public void A_write_that_failed_and_took_place_is_told()
    {
        _operations[0] = _operations[0] with { Outcome = HistoryOutcome.Fail, Reply = null };

        Assert.Contains(Judge(), violation => violation.Contains("I18", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stale_read_is_told_by_both_checkers()
    {
        var stale = new KeyValue("a"u8.ToArray(), "v1"u8.ToArray(), 2, 2, 1, LeaseId.None, Wall(), "");
        Add(8, ChaosCalls.Get("a"), 45, 48, new OperationResult.Get(2, new RangeResult([stale], -1, false)));

        var told = Judge();
        Assert.Contains(told, violation => violation.StartsWith("witness: I13", StringComparison.Ordinal));
        Assert.Contains(told, violation => violation.StartsWith("search: ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_change_that_nobody_asked_for_is_told()
    {
        Delete(7, "b", "delete");

        Assert.Contains("revision 7 was asked for by nobody", Judge());
    }

    [Fact]
    public void A_gap_in_a_watch_is_told()
    {
        _watch.Frames.RemoveAt(2);

        Assert.Contains(Judge(), violation => violation.Contains("I22", StringComparison.Ordinal));
    }

    [Fact]
    public void A_lease_that_ended_early_is_told()
    {
        _operations[5] = _operations[5] with { Start = AtNs - 1_900_000_000, End = AtNs - 1_899_000_000 };

        Assert.Contains(Judge(), violation => violation.Contains("I27", StringComparison.Ordinal));
    }

    [Fact]
    public void A_lease_that_stayed_for_long_is_told()
    {
        _operations[5] = _operations[5] with { Start = AtNs - 60_000_000_000, End = AtNs - 59_000_000_000 };

        Assert.Contains(Judge(), violation => violation.Contains("I28", StringComparison.Ordinal));
    }

    [Fact]
    public void A_history_that_was_saved_is_judged_alike()
    {
        Put(7, "a", "v1", 7, 1);
        var folder = ChaosFiles.Save(Evidence(), "report", "logs");
        try
        {
            Assert.Equal(Judge(), ChaosVerdict.Judge(ChaosFiles.Load(folder)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private IReadOnlyList<string> Judge() => ChaosVerdict.Judge(Evidence());

    private ChaosEvidence Evidence() => new()
    {
        Operations = [.. _operations.OrderBy(operation => operation.Start)],
        Events = _events,
        Streams = [new WatchStream { Id = 1, Ranges = [KeyRange.All], Connections = [_watch] }],
        EndOfRun = AtNs,
    };

    private void Add(int id, ChaosCall call, long start, long end, OperationResult? result) => _operations.Add(new HistoryOperation
    {
        Id = id,
        Client = 1,
        Request = call.Request,
        Start = start,
        End = end,
        Outcome = result is null ? HistoryOutcome.Unknown : HistoryOutcome.Ok,
        Reply = result is null ? null : new HistoryReply.Result(result),
    });

    private void Put(long revision, string key, string value, long created, long version, LeaseId lease = default)
    {
        var attached = lease.IsNone ? "" : $",\"lease\":\"{lease}\"";
        var entry = $"\"key\":\"{key}\",\"value\":\"{value}\",\"modRev\":{revision},\"createRev\":{created},\"version\":{version}";
        Add("put", revision, $"{{{entry},\"modAt\":\"{At}\"{attached}}}");
    }

    private void Delete(long revision, string key, string cause) => Add(
        "delete", revision, $$"""{"key":"{{key}}","modRev":{{revision}},"cause":"{{cause}}","modAt":"{{At}}"}""");

    private void Add(string name, long revision, string data)
    {
        using var json = JsonDocument.Parse(data);
        _events.Add(new StreamEvent(name, revision, data, json.RootElement.Clone()));
    }

    private static long Wall() => AtNs / 1_000_000;
}

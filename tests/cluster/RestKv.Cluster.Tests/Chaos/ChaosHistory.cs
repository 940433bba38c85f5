using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using RestKv.Checkers.History;
using RestKv.Core.Commands;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>What all clients of a run saw. Times are of the machine's monotonic clock. Used by all clients at once.</summary>
internal sealed class ChaosHistory
{
    private readonly ConcurrentQueue<HistoryOperation> _operations = new();
    private readonly ConcurrentQueue<string> _defects = new();
    private readonly ConcurrentQueue<long> _acknowledged = new();
    private int _lastId;
    private int _acknowledgedCount;
    private long _revision;

    /// <summary>Writes that put something: what a store that is not well refuses first.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledgedCount);

    /// <summary>Answers that break the contract by themselves, whatever the store holds.</summary>
    public IReadOnlyCollection<string> Defects => _defects;

    public IReadOnlyList<HistoryOperation> Operations => [.. _operations.OrderBy(operation => operation.Start)];

    /// <summary>When they were, in order.</summary>
    public IReadOnlyList<long> AcknowledgedAt => [.. _acknowledged.Order()];

    /// <summary>The newest revision that anybody was told.</summary>
    public long Revision => Volatile.Read(ref _revision);

    public int NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>The value that an operation wrote, which no other one did.</summary>
    public static string ValueOf(int id) => string.Create(CultureInfo.InvariantCulture, $"v{id}");

    public static int IdOf(string value) => int.Parse(value.AsSpan(1), CultureInfo.InvariantCulture);

    public static long Now() => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    public void Report(string defect) => _defects.Enqueue(defect);

    public void End(int id, int client, HistoryRequest request, long start, HistoryOutcome outcome, HistoryReply? reply)
    {
        var now = Now();
        var operation = new HistoryOperation
        {
            Id = id,
            Client = client,
            Request = request,
            Start = start,
            End = outcome == HistoryOutcome.Unknown ? HistoryOperation.Never : now,
            Outcome = outcome,
            Reply = reply,
        };
        _operations.Enqueue(operation);
        Raise(operation.Revision);
        if (reply is HistoryReply.Result { Value: OperationResult.Put or OperationResult.Txn { Succeeded: true } })
        {
            _acknowledged.Enqueue(now);
            Interlocked.Increment(ref _acknowledgedCount);
        }
    }

    private void Raise(long revision)
    {
        for (var seen = Revision; seen < revision; seen = Revision)
        {
            Interlocked.CompareExchange(ref _revision, revision, seen);
        }
    }
}

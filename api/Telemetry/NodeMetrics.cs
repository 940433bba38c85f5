using System.Diagnostics.Metrics;
using RestKv.Api.Hosting;
using RestKv.Core.Commands;

namespace RestKv.Api.Telemetry;

/// <summary>
/// Every instrument that is pushed to: counters and durations. One per node, so that two nodes in one test process do not mix.
/// Callable from any thread; a call costs tens of nanoseconds and allocates nothing once its label values were seen.
/// Gauges are read when somebody asks: see <see cref="NodeGauges"/>.
/// </summary>
public sealed class NodeMetrics : IDisposable
{
    public const string MeterName = "RestKv";

    private static readonly TimeSpan SlowBatch = TimeSpan.FromMilliseconds(100);

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _requestSeconds;
    private readonly Counter<long> _grpcCalls;
    private readonly Histogram<double> _walSyncSeconds;
    private readonly Histogram<double> _applySeconds;
    private readonly Counter<long> _slowBatches;
    private readonly Histogram<double> _snapshotSeconds;
    private readonly Counter<long> _proposalsFailed;
    private readonly Counter<long> _idempotencyReplays;
    private readonly Counter<long> _leasesExpired;
    private readonly Counter<long> _leaderChanges;

    public NodeMetrics()
    {
        Meter = new Meter(MeterName);
        _requests = Meter.CreateCounter<long>(
            "restkv_http_requests_total", null, "Requests answered, by route pattern, method and status code.");
        _requestSeconds = Seconds(
            "restkv_http_request_duration_seconds", "Time from request to end of response; streams and long polls are left out.");
        _grpcCalls = Meter.CreateCounter<long>(
            "restkv_grpc_calls_total", null, "gRPC calls ended, by method and gRPC status; for HTTP they are all 200.");
        _walSyncSeconds = Seconds("restkv_wal_fsync_duration_seconds", "Time of one sync of the write-ahead log.");
        _applySeconds = Seconds(
            "restkv_apply_duration_seconds", "Time from taking a batch of events to its new state being readable.");
        _slowBatches = Meter.CreateCounter<long>("restkv_apply_slow_total", null, "Batches of events that took longer than 100 ms.");
        _snapshotSeconds = Seconds("restkv_snapshot_duration_seconds", "Time to write one snapshot.");
        _proposalsFailed = Meter.CreateCounter<long>(
            "restkv_raft_proposals_failed_total", null, "Writes that were not applied or whose outcome stayed unknown.");
        _idempotencyReplays = Meter.CreateCounter<long>(
            "restkv_idempotency_replays_total", null, "Writes answered with the stored outcome of an earlier arrival.");
        _leasesExpired = Meter.CreateCounter<long>("restkv_lease_expired_total", null, "Leases that ended by time.");
        _leaderChanges = Meter.CreateCounter<long>(
            "restkv_raft_leader_changes_total", null, "Changes of leader seen by this member.");
        Collector = new MetricsCollector(Meter);

        // A rate needs a first point: counters without labels show 0 from the start.
        foreach (var counter in (Counter<long>[])
            [_slowBatches, _proposalsFailed, _idempotencyReplays, _leasesExpired, _leaderChanges])
        {
            counter.Add(0);
        }
    }

    /// <summary>Where gauges are added; the collector shows what belongs to this meter only.</summary>
    public Meter Meter { get; }

    /// <summary>Sums what the instruments report and writes it out.</summary>
    public MetricsCollector Collector { get; }

    /// <param name="route">The pattern of the route, never the path: labels must stay few.</param>
    /// <param name="seconds">Null for streams and long polls, whose length says nothing about speed.</param>
    public void RequestFinished(string route, string method, int statusCode, double? seconds)
    {
        var code = StatusCodeLabels.For(statusCode);
        _requests.Add(1, new("route", route), new("method", method), new("code", code));
        if (seconds is { } elapsed)
        {
            _requestSeconds.Record(elapsed, new("route", route), new KeyValuePair<string, object?>("method", method));
        }
    }

    /// <param name="method">Path of a method that exists, never what the client asked for.</param>
    public void GrpcCallFinished(string method, string code) => _grpcCalls.Add(1, new("method", method), new("code", code));

    public void WalSynced(TimeSpan elapsed) => _walSyncSeconds.Record(elapsed.TotalSeconds);

    public void BatchApplied(TimeSpan elapsed)
    {
        _applySeconds.Record(elapsed.TotalSeconds);
        if (elapsed > SlowBatch)
        {
            _slowBatches.Add(1);
        }
    }

    public void SnapshotSaved(TimeSpan elapsed) => _snapshotSeconds.Record(elapsed.TotalSeconds);

    /// <summary>Counts what was not done for sure, and what was answered from memory.</summary>
    public void WriteAnswered(in SubmitReply reply)
    {
        if (reply.Result is OperationResult.NotApplied or OperationResult.Unknown)
        {
            _proposalsFailed.Add(1);
        }

        if (reply.Replayed)
        {
            _idempotencyReplays.Add(1);
        }
    }

    public void LeasesExpired(int count) => _leasesExpired.Add(count);

    public void LeaderChanged() => _leaderChanges.Add(1);

    public void Dispose()
    {
        Collector.Dispose();
        Meter.Dispose();
    }

    private Histogram<double> Seconds(string name, string description) =>
        Meter.CreateHistogram(
            name,
            unit: null,
            description,
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets.Seconds });
}

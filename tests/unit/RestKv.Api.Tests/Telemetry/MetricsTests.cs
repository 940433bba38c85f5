using System.Buffers;
using System.Text;
using RestKv.Api.Hosting;
using RestKv.Api.Telemetry;
using RestKv.Core.Commands;
using RestKv.Testing;

namespace RestKv.Api.Tests.Telemetry;

public sealed class MetricsTests : IDisposable
{
    private readonly NodeMetrics _metrics = new();

    [Fact]
    public void The_exposition_is_valid()
    {
        _metrics.RequestFinished("/v1/kv/{**key}", "GET", 200, 0.0001);
        _metrics.RequestFinished("/v1/kv/{**key}", "GET", 404, 3);
        _metrics.RequestFinished("/v1/watch", "GET", 200, null);
        _metrics.WalSynced(TimeSpan.FromMicroseconds(80));
        _metrics.SnapshotSaved(TimeSpan.FromSeconds(20));

        var samples = PrometheusChecker.Check(Text());

        Assert.Equal(1, samples["restkv_http_requests_total{route=\"/v1/kv/{**key}\",method=\"GET\",code=\"404\"}"]);
        Assert.Equal(1, samples["restkv_http_requests_total{route=\"/v1/watch\",method=\"GET\",code=\"200\"}"]);
        Assert.Equal(2, samples["restkv_http_request_duration_seconds_count{route=\"/v1/kv/{**key}\",method=\"GET\"}"]);
        Assert.Equal(3.0001, samples["restkv_http_request_duration_seconds_sum{route=\"/v1/kv/{**key}\",method=\"GET\"}"], 6);
        Assert.DoesNotContain("restkv_http_request_duration_seconds_count{route=\"/v1/watch\",method=\"GET\"}", samples.Keys);
    }

    [Fact]
    public void A_value_falls_into_the_bucket_whose_bound_it_does_not_exceed()
    {
        _metrics.SnapshotSaved(TimeSpan.FromSeconds(0.5));
        _metrics.SnapshotSaved(TimeSpan.FromSeconds(0.51));
        _metrics.SnapshotSaved(TimeSpan.FromSeconds(11));

        var samples = PrometheusChecker.Check(Text());

        Assert.Equal(0, samples["restkv_snapshot_duration_seconds_bucket{le=\"0.25\"}"]);
        Assert.Equal(1, samples["restkv_snapshot_duration_seconds_bucket{le=\"0.5\"}"]);
        Assert.Equal(2, samples["restkv_snapshot_duration_seconds_bucket{le=\"1\"}"]);
        Assert.Equal(2, samples["restkv_snapshot_duration_seconds_bucket{le=\"10\"}"]);
        Assert.Equal(3, samples["restkv_snapshot_duration_seconds_bucket{le=\"+Inf\"}"]);
    }

    [Fact]
    public void Counters_without_labels_start_at_zero()
    {
        Assert.Equal(0, PrometheusChecker.Check(Text())["restkv_raft_proposals_failed_total"]);

        _metrics.WriteAnswered(new SubmitReply(new OperationResult.Unknown(), false));
        _metrics.WriteAnswered(new SubmitReply(new OperationResult.NotApplied(NotAppliedReason.NoLeader), true));

        Assert.Equal(2, PrometheusChecker.Check(Text())["restkv_raft_proposals_failed_total"]);
        Assert.Equal(1, PrometheusChecker.Check(Text())["restkv_idempotency_replays_total"]);
    }

    [Fact]
    public void An_alias_shows_the_series_of_its_source_and_those_expected()
    {
        _metrics.GrpcCallFinished("/a", "OK");
        _metrics.GrpcCallFinished("/b", "OK");
        _metrics.WalSynced(TimeSpan.FromMilliseconds(2));
        _metrics.Collector.Add(new MetricAlias("restkv_wal_fsync_duration_seconds", "other_sync_seconds", "The same durations."));
        _metrics.Collector.Add(new MetricAlias("restkv_grpc_calls_total", "other_calls_total", "Calls by status.")
        {
            Relabel = labels => labels.Contains("/a", StringComparison.Ordinal) ? "status=\"OK\"" : null,
            Expected = ["status=\"OK\"", "status=\"Internal\""],
        });

        var samples = PrometheusChecker.Check(Text());

        Assert.Equal(1, samples["other_sync_seconds_count"]);
        Assert.Equal(1, samples["other_calls_total{status=\"OK\"}"]);
        Assert.Equal(0, samples["other_calls_total{status=\"Internal\"}"]);
        Assert.Equal(2, samples.Keys.Count(key => key.StartsWith("other_calls_total", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_batch_is_slow_beyond_a_tenth_of_a_second()
    {
        _metrics.BatchApplied(TimeSpan.FromMilliseconds(100));
        Assert.Equal(0, PrometheusChecker.Check(Text())["restkv_apply_slow_total"]);

        _metrics.BatchApplied(TimeSpan.FromMilliseconds(101));
        Assert.Equal(1, PrometheusChecker.Check(Text())["restkv_apply_slow_total"]);
    }

    [Fact]
    public void Gauges_are_read_when_somebody_asks()
    {
        var level = 1L;
        _metrics.Meter.CreateObservableGauge("restkv_test_level", () => level, null, "A level of this test.");

        Assert.Equal(1, PrometheusChecker.Check(Text())["restkv_test_level"]);
        level = -5;

        Assert.Equal(-5, PrometheusChecker.Check(Text())["restkv_test_level"]);
    }

    [Fact]
    public void Two_nodes_in_one_process_do_not_mix()
    {
        using var other = new NodeMetrics();

        other.LeasesExpired(3);

        Assert.Equal(0, PrometheusChecker.Check(Text())["restkv_lease_expired_total"]);
    }

    [Fact]
    public void Label_values_are_escaped()
    {
        _metrics.RequestFinished("a\"b\\c\nd", "GET", 200, null);

        Assert.Equal(
            1,
            PrometheusChecker.Check(Text())["restkv_http_requests_total{route=\"a\\\"b\\\\c\\nd\",method=\"GET\",code=\"200\"}"]);
    }

    [Fact]
    public void Label_values_without_end_do_not_fill_the_memory()
    {
        const int Routes = 5000;
        for (var route = 0; route < Routes; route++)
        {
            _metrics.RequestFinished($"/r{route}", "GET", 200, null);
        }

        var requests = PrometheusChecker.Check(Text())
            .Where(sample => sample.Key.StartsWith("restkv_http_requests_total", StringComparison.Ordinal)).ToArray();

        Assert.InRange(requests.Length, 2, 1010);
        Assert.Equal(Routes, requests.Sum(sample => sample.Value));
    }

    [Fact]
    public async Task Counts_from_many_threads_are_complete()
    {
        const int PerThread = 20_000;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var count = 0; count < PerThread; count++)
            {
                _metrics.RequestFinished("/x", "PUT", 201, 0.001);
            }
        })));

        var samples = PrometheusChecker.Check(Text());
        Assert.Equal(4 * PerThread, samples["restkv_http_requests_total{route=\"/x\",method=\"PUT\",code=\"201\"}"]);
        Assert.Equal(4 * PerThread, samples["restkv_http_request_duration_seconds_count{route=\"/x\",method=\"PUT\"}"]);
    }

    [Fact]
    public void Counting_a_request_allocates_nothing()
    {
        void Count()
        {
            for (var count = 0; count < 1000; count++)
            {
                _metrics.RequestFinished("/x", "GET", 200, 0.001);
                _metrics.WalSynced(TimeSpan.FromMilliseconds(1));
            }
        }

        Count();

        // Room for the runtime's own bookkeeping, far below one object a request.
        Assert.InRange(Allocations.Of(Count), 0, 1000);
    }

    public void Dispose() => _metrics.Dispose();

    private string Text()
    {
        var bytes = new ArrayBufferWriter<byte>();
        _metrics.Collector.Write(bytes);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}

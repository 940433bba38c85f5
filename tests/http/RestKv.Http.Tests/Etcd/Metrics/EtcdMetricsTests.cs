using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Grpc;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Telemetry;
using RestKv.Http.Tests.Etcd.Grpc;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd.Metrics;

/// <summary>What dashboards and alerts made for etcd ask a member.</summary>
public sealed class EtcdMetricsTests(AliasNodeFixture node) : IClassFixture<AliasNodeFixture>
{
    private const string Put = "grpc_method=\"Put\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"";
    private const string Watch = "grpc_method=\"Watch\",grpc_service=\"etcdserverpb.Watch\",grpc_type=\"bidi_stream\"";

    /// <summary>Names and types as etcd 3.4.23 shows them.</summary>
    [Theory]
    [InlineData("etcd_cluster_version", "gauge")]
    [InlineData("etcd_debugging_mvcc_compact_revision", "gauge")]
    [InlineData("etcd_debugging_mvcc_current_revision", "gauge")]
    [InlineData("etcd_debugging_mvcc_db_total_size_in_bytes", "gauge")]
    [InlineData("etcd_debugging_mvcc_events_total", "counter")]
    [InlineData("etcd_debugging_mvcc_keys_total", "gauge")]
    [InlineData("etcd_debugging_mvcc_slow_watcher_total", "gauge")]
    [InlineData("etcd_debugging_mvcc_watcher_total", "gauge")]
    [InlineData("etcd_debugging_server_lease_expired_total", "counter")]
    [InlineData("etcd_disk_wal_fsync_duration_seconds", "histogram")]
    [InlineData("etcd_mvcc_db_total_size_in_bytes", "gauge")]
    [InlineData("etcd_mvcc_db_total_size_in_use_in_bytes", "gauge")]
    [InlineData("etcd_network_client_grpc_received_bytes_total", "counter")]
    [InlineData("etcd_network_client_grpc_sent_bytes_total", "counter")]
    [InlineData("etcd_server_has_leader", "gauge")]
    [InlineData("etcd_server_id", "gauge")]
    [InlineData("etcd_server_is_leader", "gauge")]
    [InlineData("etcd_server_is_learner", "gauge")]
    [InlineData("etcd_server_leader_changes_seen_total", "counter")]
    [InlineData("etcd_server_proposals_applied_total", "gauge")]
    [InlineData("etcd_server_proposals_committed_total", "gauge")]
    [InlineData("etcd_server_proposals_failed_total", "counter")]
    [InlineData("etcd_server_proposals_pending", "gauge")]
    [InlineData("etcd_server_quota_backend_bytes", "gauge")]
    [InlineData("etcd_server_slow_apply_total", "counter")]
    [InlineData("etcd_server_version", "gauge")]
    [InlineData("grpc_server_handled_total", "counter")]
    [InlineData("grpc_server_started_total", "counter")]
    [InlineData("process_cpu_seconds_total", "counter")]
    [InlineData("process_max_fds", "gauge")]
    [InlineData("process_open_fds", "gauge")]
    [InlineData("process_resident_memory_bytes", "gauge")]
    [InlineData("process_start_time_seconds", "gauge")]
    public async Task A_series_has_etcds_name_and_type(string name, string type)
    {
        await node.SendAsync("PUT", "/v1/kv/metrics", "", "x");

        var shown = await Exposition.OfAsync(node.Client);

        Assert.Equal(type, shown.Types.GetValueOrDefault(name));
        Assert.Contains(shown.Samples.Keys, series => series.StartsWith(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_has_no_true_value_is_left_out()
    {
        var shown = await Exposition.OfAsync(node.Client);

        string[] absent = ["etcd_disk_backend_commit_duration_seconds", "etcd_network_peer_round_trip_time_seconds", "etcd_mvcc_put_total"];
        Assert.All(absent, name => Assert.DoesNotContain(name, shown.Types.Keys));
    }

    [Fact]
    public async Task Calls_are_counted_by_service_method_and_status()
    {
        using var client = new GrpcTestClient(node.Client.BaseAddress!);
        var before = await Exposition.OfAsync(node.Client);
        var request = new PutRequest { Key = ByteString.CopyFromUtf8("calls"), Value = ByteString.CopyFromUtf8("counted") };

        var reply = Assert.Single((await client.SendAsync("/etcdserverpb.KV/Put", GrpcTestClient.Frame(request))).Messages);
        await client.SendAsync("/etcdserverpb.KV/Put", GrpcTestClient.Frame(new PutRequest()));

        await Eventually.TrueAsync(
            async () => (await Exposition.OfAsync(node.Client)).Samples.TryGetValue($"grpc_server_handling_seconds_count{{{Put}}}", out var timed)
                && timed == before.Samples.GetValueOrDefault($"grpc_server_handling_seconds_count{{{Put}}}") + 2,
            "both are timed");
        var after = await Exposition.OfAsync(node.Client);
        Assert.Equal(2, Grown($"grpc_server_started_total{{{Put}}}"));
        Assert.Equal(1, Grown($"grpc_server_handled_total{{grpc_code=\"OK\",{Put}}}"));
        Assert.Equal(1, Grown($"grpc_server_handled_total{{grpc_code=\"InvalidArgument\",{Put}}}"));
        Assert.Equal(0, Grown($"grpc_server_handled_total{{grpc_code=\"Unavailable\",{Put}}}"));
        Assert.Equal(request.CalculateSize(), Grown("etcd_network_client_grpc_received_bytes_total"));
        Assert.Equal(reply.Length, Grown("etcd_network_client_grpc_sent_bytes_total"));

        double Grown(string series) => after[series] - before[series];
    }

    [Fact]
    public async Task A_stream_that_goes_on_is_started_and_not_handled()
    {
        using var client = new GrpcTestClient(node.Client.BaseAddress!);
        await using var stream = client.OpenPath("/etcdserverpb.Watch/Watch");
        var range = new WatchCreateRequest { Key = ByteString.CopyFromUtf8("stream") };
        await stream.SendRawAsync(GrpcTestClient.Frame(new WatchRequest { CreateRequest = range }));
        await stream.NextBytesAsync();

        var during = await Exposition.OfAsync(node.Client);

        Assert.Equal(1, during[$"grpc_server_started_total{{{Watch}}}"] - HandledOf(during));
        Assert.Equal(1, during["etcd_debugging_mvcc_watcher_total"]);
        await stream.CancelAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                var after = await Exposition.OfAsync(node.Client);
                return after[$"grpc_server_started_total{{{Watch}}}"] - HandledOf(after) == 0;
            },
            "the stream is handled");

        static double HandledOf(Exposition shown) =>
            shown.Samples.Where(sample => sample.Key.StartsWith("grpc_server_handled_total", StringComparison.Ordinal)
                && sample.Key.Contains(Watch, StringComparison.Ordinal)).Sum(sample => sample.Value);
    }

    [Fact]
    public void Members_are_named_as_etcd_names_them()
    {
        using var metrics = new NodeMetrics();
        var peer = new KeyValuePair<string, object?>("peer", "a1");
        metrics.Meter.CreateObservableCounter("restkv_peer_sent_bytes_total", () => new Measurement<long>(7, peer));
        metrics.Meter.CreateObservableCounter("restkv_peer_received_bytes_total", () => new Measurement<long>(8, peer));
        metrics.Meter.CreateObservableCounter("restkv_peer_send_failures_total", () => new Measurement<long>(9, peer));
        metrics.Meter.CreateObservableGauge("restkv_peer_connected", () => new Measurement<long>(1, peer));

        EtcdAliases.Register(metrics.Collector, node.Node, node.Service<GrpcMethods>());
        var text = new ArrayBufferWriter<byte>();
        metrics.Collector.Write(text);
        var shown = new Exposition(Encoding.UTF8.GetString(text.WrittenSpan));

        Assert.Equal(7, shown["etcd_network_peer_sent_bytes_total{To=\"a1\"}"]);
        Assert.Equal(8, shown["etcd_network_peer_received_bytes_total{From=\"a1\"}"]);
        Assert.Equal(9, shown["etcd_network_peer_sent_failures_total{To=\"a1\"}"]);
        Assert.Equal(1, shown[$"etcd_network_active_peers{{Local=\"{node.Node.Status.MemberId}\",Remote=\"a1\"}}"]);
    }

    [Fact]
    public async Task Levels_and_durations_are_those_of_our_own_names()
    {
        await node.SendAsync("PUT", "/v1/kv/levels", "", "x");
        var shown = await Exposition.OfAsync(node.Client);

        Assert.Equal(1, shown["etcd_server_has_leader"]);
        Assert.Equal(1, shown["etcd_server_leader_changes_seen_total"]);
        Assert.Equal(0, shown["etcd_server_slow_apply_total"], 1000.0);
        Assert.Equal(shown["restkv_wal_fsync_duration_seconds_count"], shown["etcd_disk_wal_fsync_duration_seconds_count"]);
        Assert.Equal(shown["restkv_wal_fsync_duration_seconds_sum"], shown["etcd_disk_wal_fsync_duration_seconds_sum"]);
        Assert.Equal(shown["restkv_kv_revision"], shown["etcd_debugging_mvcc_current_revision"]);
        Assert.Equal(shown["restkv_db_quota_bytes"], shown["etcd_server_quota_backend_bytes"]);
        Assert.InRange(shown["etcd_mvcc_db_total_size_in_use_in_bytes"], 1, shown["etcd_mvcc_db_total_size_in_bytes"]);
        Assert.InRange(shown["process_open_fds"], 3, shown["process_max_fds"]);
    }
}

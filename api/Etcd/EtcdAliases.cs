using RestKv.Api.Etcd.Grpc;
using RestKv.Api.Hosting;
using RestKv.Api.Telemetry;

namespace RestKv.Api.Etcd;

/// <summary>Our counters and durations under the names that dashboards and alerts made for etcd know. What has no true value is left out.</summary>
internal static class EtcdAliases
{
    private const string OurLabel = "method=\"";

    public static void Register(MetricsCollector metrics, INode node, GrpcMethods methods)
    {
        metrics.Add(new("restkv_raft_leader_changes_total", "etcd_server_leader_changes_seen_total", "Changes of leader seen."));
        metrics.Add(new("restkv_raft_proposals_failed_total", "etcd_server_proposals_failed_total", "Writes that failed."));
        metrics.Add(new("restkv_apply_slow_total", "etcd_server_slow_apply_total", "Batches that took more than 100 ms to apply."));
        metrics.Add(new("restkv_wal_fsync_duration_seconds", "etcd_disk_wal_fsync_duration_seconds", "Time of one sync of the log."));
        metrics.Add(new(
            "restkv_snapshot_duration_seconds", "etcd_debugging_snap_save_total_duration_seconds", "Time to write one snapshot."));
        metrics.Add(new("restkv_watch_events_sent_total", "etcd_debugging_mvcc_events_total", "Events sent to watches."));
        metrics.Add(new("restkv_lease_expired_total", "etcd_debugging_server_lease_expired_total", "Leases that ended by time."));
        metrics.Add(new(
            GrpcMetrics.Received, "etcd_network_client_grpc_received_bytes_total", "Bytes of messages of gRPC clients that came."));
        metrics.Add(new(GrpcMetrics.Sent, "etcd_network_client_grpc_sent_bytes_total", "Bytes of messages sent to gRPC clients."));
        AddPeers(metrics, node);
        AddCalls(metrics, methods);
    }

    private static void AddPeers(MetricsCollector metrics, INode node)
    {
        Add("restkv_peer_sent_bytes_total", "etcd_network_peer_sent_bytes_total", "Bytes sent to a member.", peer => $"To={peer}");
        Add("restkv_peer_received_bytes_total", "etcd_network_peer_received_bytes_total", "Bytes that came from a member.", peer => $"From={peer}");
        Add(
            "restkv_peer_send_failures_total", "etcd_network_peer_sent_failures_total", "Messages to a member that were dropped or lost.",
            peer => $"To={peer}");
        Add("restkv_peer_connected", "etcd_network_active_peers", "1 while messages can be sent to a member.", Both);
        Add("restkv_peer_losses_total", "etcd_network_disconnected_peers_total", "Connections with a member that broke.", Both);

        string Both(string peer) => $"Local=\"{node.Status.MemberId}\",Remote={peer}";

        void Add(string source, string name, string help, Func<string, string> relabel) =>
            metrics.Add(new MetricAlias(source, name, help) { Relabel = labels => relabel(labels["peer=".Length..]) });
    }

    private static void AddCalls(MetricsCollector metrics, GrpcMethods methods)
    {
        var labels = methods.Routes.ToDictionary(route => route.Path, LabelsOf, StringComparer.Ordinal);
        metrics.Add(new MetricAlias(GrpcMetrics.Started, "grpc_server_started_total", "Calls begun.")
        {
            Relabel = ours => labels.GetValueOrDefault(Quoted(ours, OurLabel)),
        });
        metrics.Add(new MetricAlias("restkv_grpc_calls_total", "grpc_server_handled_total", "Calls ended, by status.")
        {
            Relabel = ours => labels.TryGetValue(Quoted(ours, OurLabel), out var method)
                ? $"grpc_code=\"{Quoted(ours, "code=\"")}\",{method}"
                : null,
            Expected = [.. labels.Values.SelectMany(_ => GrpcStatus.Names, (method, code) => $"grpc_code=\"{code}\",{method}")],
        });
        metrics.Add(new MetricAlias(
            "restkv_http_request_duration_seconds", "grpc_server_handling_seconds", "Time of calls that do not wait for others.")
        {
            Relabel = ours => labels.GetValueOrDefault(Quoted(ours, "route=\"")),
        });
    }

    private static string LabelsOf(GrpcRoute route)
    {
        var kind = route.Method is not StreamMethod stream ? "unary" : stream.TakesMany ? "bidi_stream" : "server_stream";
        return $"grpc_method=\"{route.Method.Name}\",grpc_service=\"{route.Method.Service}\",grpc_type=\"{kind}\"";
    }

    /// <summary>The value of a label, which has nothing that would be escaped.</summary>
    private static string Quoted(string labels, string label)
    {
        var start = labels.IndexOf(label, StringComparison.Ordinal) + label.Length;
        var end = start < label.Length ? -1 : labels.IndexOf('"', start);
        return end < 0 ? "" : labels[start..end];
    }
}

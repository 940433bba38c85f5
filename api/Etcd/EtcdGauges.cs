using System.Diagnostics.Metrics;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Raft;

namespace RestKv.Api.Etcd;

/// <summary>The levels that dashboards and alerts made for etcd look at, under the names they know.</summary>
internal static class EtcdGauges
{
    public static void Register(Meter meter, INode node)
    {
        Gauge(meter, "etcd_server_has_leader", "1 when this member knows a leader.", () => node.Status.Raft.Leader.IsNone ? 0 : 1);
        Gauge(meter, "etcd_server_is_leader", "1 on the leader.", () => node.Status.Raft.Role is RaftRole.Leader ? 1 : 0);
        Gauge(meter, "etcd_server_is_learner", "1 on a member without a vote.", () => IsLearner(node.Status) ? 1 : 0);
        Gauge(
            meter, "etcd_server_proposals_committed_total", "Highest log index known to be committed.",
            () => node.Status.Raft.Committed.Value);
        Gauge(meter, "etcd_server_proposals_applied_total", "Highest log index applied here.", () => node.Status.Raft.Applied.Value);
        Gauge(meter, "etcd_server_proposals_pending", "Writes that wait for their commit.", () => node.Status.ProposalsPending);
        Gauge(meter, "etcd_server_quota_backend_bytes", "The quota.", () => node.Status.QuotaBytes);
        Gauge(meter, "etcd_mvcc_db_total_size_in_bytes", "Memory of records and index.", () => SizeOf(node));
        Gauge(meter, "etcd_debugging_mvcc_db_total_size_in_bytes", "The same, as older dashboards ask for it.", () => SizeOf(node));
        Gauge(meter, "etcd_mvcc_db_total_size_in_use_in_bytes", "Bytes that count against the quota.", () => node.View.BytesInUse);
        Gauge(meter, "etcd_debugging_mvcc_current_revision", "Revision of the store on this member.", () => node.View.Revision);
        Gauge(
            meter, "etcd_debugging_mvcc_compact_revision", "Reads below this revision are refused.", () => node.View.CompactedRevision);
        Gauge(meter, "etcd_debugging_mvcc_keys_total", "Live keys.", () => node.View.KeyCount);
        Gauge(meter, "etcd_debugging_mvcc_watcher_total", "Watches that are open.", () => node.Watches.OpenCount);
        Gauge(meter, "etcd_debugging_mvcc_slow_watcher_total", "Watches that read history.", () => node.Watches.BehindCount);
        meter.CreateObservableGauge(
            "etcd_server_id", () => new Measurement<long>(1, new KeyValuePair<string, object?>("server_id", node.Status.MemberId.ToString())),
            null, "Always 1; the label is the id of this member.");
        Label(meter, "etcd_server_version", "Always 1; the label tells which etcd is followed.", "server_version", ProductVersion.EtcdServer);
        Label(meter, "etcd_cluster_version", "Always 1; the label tells which etcd is followed.", "cluster_version", "3.5");
    }

    private static long SizeOf(INode node) => Math.Max(node.View.MemoryBytes, node.View.BytesInUse);

    private static bool IsLearner(NodeStatus status) => !status.Raft.Membership.IsVoter(status.MemberId);

    private static void Gauge(Meter meter, string name, string description, Func<long> read) =>
        meter.CreateObservableGauge(name, read, null, description);

    private static void Label(Meter meter, string name, string description, string label, string value)
    {
        KeyValuePair<string, object?>[] labels = [new(label, value)];
        meter.CreateObservableGauge(name, () => new Measurement<long>(1, labels), null, description);
    }
}

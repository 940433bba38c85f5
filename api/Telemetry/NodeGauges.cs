using System.Diagnostics.Metrics;
using System.Reflection;
using RestKv.Api.Hosting;
using RestKv.Raft;

namespace RestKv.Api.Telemetry;

/// <summary>Levels read from the node at each scrape: they cost nothing between scrapes.</summary>
internal static class NodeGauges
{
    public static void Register(Meter meter, INode node, NodeOptions options)
    {
        Gauge(meter, "restkv_kv_revision", "Revision of the store on this member.", () => node.View.Revision);
        Gauge(meter, "restkv_kv_compacted_revision", "Reads below this revision are refused.", () => node.View.CompactedRevision);
        Gauge(meter, "restkv_kv_keys", "Live keys.", () => node.View.KeyCount);
        Gauge(meter, "restkv_db_in_use_bytes", "Bytes that count against the quota.", () => node.View.BytesInUse);
        Gauge(
            meter, "restkv_db_quota_bytes", "The quota: above it only deletes and compaction are taken.", () => node.Status.QuotaBytes);
        Gauge(
            meter, "restkv_db_no_space", "1 while the store is over its quota or the disk is full.", () => node.Status.NoSpaceAlarm ? 1 : 0);
        Gauge(
            meter, "restkv_db_size_bytes", "Bytes of all files in the data directory, preallocated ones included.",
            () => DataDirectorySize.Read(options.DataDir));
        Gauge(meter, "restkv_leases", "Leases that have not ended.", () => node.Status.LeaseCount);
        Gauge(
            meter, "restkv_ready", "1 while this member answers /readyz with 200.",
            () => node.Status is { IsReady: true, IsShuttingDown: false } ? 1 : 0);
        Gauge(meter, "restkv_watchers", "Watches and long polls that are open.", () => node.Watches.OpenCount);
        Gauge(
            meter, "restkv_watch_slow", "Watches and long polls that read history because they are behind the live events.",
            () => node.Watches.BehindCount);
        Gauge(
            meter, "restkv_watch_lag_revisions", "Revisions that can be read but were not handed to the watches yet.",
            () => node.Watches.LagRevisions);
        Counter(meter, "restkv_watch_events_sent_total", "Events written to watchers.", () => node.Watches.EventsSent);
        Counter(
            meter, "restkv_watch_demotions_total", "Times a watcher was too slow for live events and read history instead.",
            () => node.Watches.Demotions);
        RegisterRaft(meter, node);
        RegisterProcess(meter, options);
    }

    private static void RegisterRaft(Meter meter, INode node)
    {
        Gauge(meter, "restkv_raft_term", "Term of this member.", () => node.Status.Raft.Term.Value);
        Gauge(meter, "restkv_raft_is_leader", "1 on the leader.", () => node.Status.Raft.Role is RaftRole.Leader ? 1 : 0);
        Gauge(meter, "restkv_raft_has_leader", "1 when this member knows a leader.", () => node.Status.Raft.Leader.IsNone ? 0 : 1);
        Gauge(meter, "restkv_raft_commit_index", "Highest log index known to be committed.", () => node.Status.Raft.Committed.Value);
        Gauge(meter, "restkv_raft_applied_index", "Highest log index applied here.", () => node.Status.Raft.Applied.Value);
        Gauge(meter, "restkv_raft_proposals_pending", "Writes that wait for their commit.", () => node.Status.ProposalsPending);
    }

    private static void RegisterProcess(Meter meter, NodeOptions options)
    {
        var version = typeof(NodeGauges).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        KeyValuePair<string, object?>[] build =
            [new("version", version ?? "unknown"), new("runtime", Environment.Version.ToString())];
        meter.CreateObservableGauge(
            "restkv_build_info", () => new Measurement<long>(1, build), null, "Always 1; the labels tell the version.");
        Gauge(
            meter, "restkv_insecure", "1 when listening beyond loopback without authentication.", () => options.Insecure ? 1 : 0);

        using var self = System.Diagnostics.Process.GetCurrentProcess();
        var started = new DateTimeOffset(self.StartTime).ToUnixTimeMilliseconds() / 1000.0;
        var filesMax = ProcessFiles.ReadMax();
        meter.CreateObservableGauge(
            "process_start_time_seconds", () => started, null, "Start of the process in seconds since 1970.");
        meter.CreateObservableCounter(
            "process_cpu_seconds_total", () => Environment.CpuUsage.TotalTime.TotalSeconds, null, "User and system CPU time.");
        Gauge(meter, "process_resident_memory_bytes", "Resident memory.", () => Environment.WorkingSet);
        Gauge(meter, "process_open_fds", "Open files, connections included.", ProcessFiles.CountOpen);
        Gauge(meter, "process_max_fds", "Limit of open files.", () => filesMax);
        Gauge(meter, "dotnet_gc_heap_bytes", "Managed memory after the last collection.", () => GC.GetTotalMemory(false));
        meter.CreateObservableCounter(
            "dotnet_gc_pause_seconds_total",
            () => GC.GetTotalPauseDuration().TotalSeconds,
            null,
            "Time all threads stood still for collections.");
        meter.CreateObservableCounter("dotnet_gc_collections_total", Collections, null, "Collections by generation.");
    }

    private static IEnumerable<Measurement<long>> Collections()
    {
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            yield return new Measurement<long>(
                GC.CollectionCount(generation),
                new KeyValuePair<string, object?>("generation", GenerationLabels[generation]));
        }
    }

    private static readonly string[] GenerationLabels = ["0", "1", "2"];

    private static void Counter(Meter meter, string name, string description, Func<long> read) =>
        meter.CreateObservableCounter(name, read, null, description);

    private static void Gauge(Meter meter, string name, string description, Func<long> read) =>
        meter.CreateObservableGauge(name, read, null, description);
}

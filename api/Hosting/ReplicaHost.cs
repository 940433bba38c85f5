using System.Buffers.Binary;
using System.Security.Cryptography;
using RestKv.Api.Peers;
using RestKv.Api.Telemetry;
using RestKv.Api.Watch;
using RestKv.Core;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Api.Hosting;

/// <summary>
/// The life of the replica in this process: opens and recovers the store, starts the threads, and on stop tells streams,
/// lets the log finish and closes in order. Whatever makes it impossible to go on safely ends the process.
/// </summary>
internal sealed class ReplicaHost : IHostedService, IDisposable
{
    /// <summary>An election takes up to two timeouts, and one may fail.</summary>
    private const int ElectionsWaitedFor = 4;

    /// <summary>Clients that waited for a start find the disk and the processors free.</summary>
    private const long SnapshotQuietMs = 10_000;

    private readonly NodeOptions _options;
    private readonly IFileSystem _files;
    private readonly TimeProvider _time;
    private readonly NodeMetrics _metrics;
    private readonly ILogger<ReplicaHost> _logger;
    private readonly ILoggerFactory _loggers;
    private readonly IServiceProvider _services;
    private readonly PublishedState _published;
    private readonly IFatalExit _fatal;
    private readonly WatchDispatcher _watches;
    private readonly ReplicaMailbox _mailbox;
    private readonly ReplicaNode _node;
    private ReplicaStore? _store;
    private ReplicaThread? _replica;
    private WalThread? _wal;
    private SnapshotWorker? _snapshots;
    private MaintenanceWorker? _maintenance;
    private PeerTransport? _peers;
    private PeerStanding? _standing;
    private CatchUp? _catchUp;

    /// <summary>This member stops: bulk work rests no more, and a snapshot that is being written is given up.</summary>
    private readonly CancellationTokenSource _hurry = new();
    private bool _isDisposed;

    public ReplicaHost(
        NodeOptions options, IFileSystem files, TimeProvider time, NodeMetrics metrics, WatchDispatcher watches,
        PublishedState published, ReplicaMailbox mailbox, ReplicaNode node, IFatalExit fatal, ILoggerFactory loggers,
        IServiceProvider services)
    {
        (_options, _files, _time, _metrics, _watches) = (options, files, time, metrics, watches);
        (_published, _mailbox, _node, _fatal) = (published, mailbox, node, fatal);
        (_loggers, _services, _logger) = (loggers, services, loggers.CreateLogger<ReplicaHost>());
    }

    /// <summary>The others have said that this member lost what it promised; it takes no part from now on.</summary>
    public void Lose(PeerRefusalKind kind) =>
        _standing?.Lose(PeerRefusal.Lost(kind, Invariant.NotNull(_store).Identity.Node.ToString()));

    /// <summary>The way to the other members; there once the host has started.</summary>
    public PeerTransport? Peers => _peers;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        _store = ReplicaStore.Open(_files, await StoreOptionsAsync(cancellationToken));
        var machine = Recover(_store);
        var image = _store.Image;
        var revision = machine.Store.Revision;
        Wire(_store, machine, image);
        HostingLog.Started(
            _logger, image.Self.ToString(), _store.Identity.Cluster.ToString(), revision, image.Snapshot.Index.Value,
            (long)_time.GetElapsedTime(started).TotalMilliseconds);

        // Last, when there is a replica that answers: from here on the others count on this member. The patience with those who
        // judge it begins when they can be asked.
        await Invariant.NotNull(_peers).StartAsync(cancellationToken);
        Invariant.NotNull(_standing).Begin(_time, _options.ElectionTimeout);
        Invariant.NotNull(_catchUp).Start();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_store is null)
        {
            return;
        }

        HostingLog.Stopping(_logger);
        _node.BeginShutdown();
        await _watches.ShutDownAsync(cancellationToken);
        await _hurry.CancelAsync();
        await Invariant.NotNull(_maintenance).StopAsync();

        // Only a replica that stands still starts no more snapshots.
        Invariant.NotNull(_replica).Stop();
        await Invariant.NotNull(_catchUp).StopAsync();
        await Invariant.NotNull(_peers).StopAsync(cancellationToken);
        await Invariant.NotNull(_snapshots).StopAsync();
        Invariant.NotNull(_wal).Stop();
        HostingLog.Stopped(_logger, _node.View.Revision);
    }

    /// <summary>
    /// Also without a stop before it, as when a port was taken: whoever uses the store has ended before the store is closed.
    /// The container calls this twice, for it knows the host by two names.
    /// </summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _hurry.Cancel();
        _catchUp?.Dispose();
        _peers?.Dispose();
        _maintenance?.Dispose();
        _replica?.Dispose();
        _snapshots?.Dispose();
        _wal?.Dispose();
        _store?.Dispose();
        _hurry.Dispose();
    }

    private PeerSecurity Security => _services.GetRequiredService<PeerSecurity>();

    private KvStateMachine Recover(ReplicaStore store)
    {
        if (store.Report.Torn is { } torn)
        {
            HostingLog.TornTail(_logger, torn.ToString());
        }

        foreach (var damage in store.Report.DamagedSnapshots)
        {
            HostingLog.DamagedSnapshot(_logger, damage.Message);
        }

        using var snapshot = store.Snapshot;
        var options = new MachineOptions();
        return snapshot is null ? new KvStateMachine(options) : SnapshotCodec.Read(snapshot, options);
    }

    private void Wire(ReplicaStore store, KvStateMachine machine, RaftImage image)
    {
        var tickMs = Math.Max(1, (long)_options.HeartbeatInterval.TotalMilliseconds);
        var electionTicks = Math.Max(2, (int)(_options.ElectionTimeout.TotalMilliseconds / tickMs));
        var config = new ReplicaConfig
        {
            Raft = new RaftConfig { ElectionTicksMin = electionTicks, ElectionTicksMax = electionTicks * 2 },
            TickMs = tickMs,
            QuotaBytes = _options.QuotaBackendBytes,
            SnapshotBytesMin = _options.SnapshotWalBytes,
            SnapshotQuietMs = SnapshotQuietMs,
            Incarnation = store.Identity.Incarnation,
            FirstMembers = FirstIdentity.MembersOf(_options, image.Self),
        };
        var facts = new NodeFacts(
            _options.Name, image.Self, (ulong)store.Identity.Cluster.Value, store.Identity.Incarnation,
            _options.QuotaBackendBytes, store.Identity.StoreId, RandomLife());
        _replica = new ReplicaThread(_mailbox, _time, tickMs, Fail, _metrics.BatchApplied);
        _wal = new WalThread(store, _mailbox, Fail, (elapsed, _) => _metrics.WalSynced(elapsed));
        _snapshots = new SnapshotWorker(store, _mailbox, _logger, Fail, (elapsed, _) => _metrics.SnapshotSaved(elapsed), _hurry.Token);
        _published.Leader.Patience = _options.ElectionTimeout * ElectionsWaitedFor;
        var directory = new PeerDirectory(image.Self);
        var memory = new PeerMemory(MemberEvidence.Collect(machine.Members, image.Entries));
        var members = new PeerMembers(directory, memory, [.. FirstIdentity.PeersOf(_options)]);
        members.Begin();
        members.Update(machine.Members, image.Snapshot.Membership);
        _standing = new PeerStanding(directory.Others.Select(other => other.Id), loss => Lost(store, loss));
        _node.Start(facts, _replica, _standing);
        _peers = MakePeers(store, image, directory, memory, facts.Life);
        if (store.Identity.LossKind is var kind and not 0)
        {
            _standing.Lose(PeerRefusal.Lost((PeerRefusalKind)kind, image.Self.ToString()));
        }

        _catchUp = new CatchUp(_node, _time, _logger);
        var effects = new ReplicaEffects(_replica, _wal, _snapshots, _watches, _peers, members, _published, _logger, _metrics);
        var seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
        var replica = new Replica(config, image, machine, effects, seed);
        _maintenance = new MaintenanceWorker(store, _mailbox, _time, Fail);
        replica.Flush();
        _wal.Start();
        _maintenance.Start();
        _replica.Start(replica);
    }

    private static long RandomLife() => BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(8)) | 1;

    /// <summary>The directory remembers: who starts it again after the others have forgotten must not be let in either.</summary>
    private void Lost(ReplicaStore store, PeerRefusal loss)
    {
        HostingLog.PromisesLost(_logger, loss.Reason);
        try
        {
            if (store.Identity.LossKind == 0)
            {
                store.MarkLost((byte)loss.Kind);
            }
        }
        catch (StorageIoException fault)
        {
            Fail(fault);
        }
    }

    private PeerTransport MakePeers(ReplicaStore store, RaftImage image, PeerDirectory directory, PeerMemory memory, long life)
    {
        var logger = _loggers.CreateLogger<PeerTransport>();
        var self = new PeerIdentity(
            store.Identity.Cluster, image.Self, store.Identity.Incarnation, store.Identity.StoreId,
            _options.InitialAdvertisePeerUrls[0].GetLeftPart(UriPartial.Authority))
        {
            Life = life,
            Facts = store.Report.SnapshotReplacedLog
                ? DiskFacts.Of(image) with { Last = DiskFacts.Unknown }
                : DiskFacts.Of(image),
        };
        var others = image.Snapshot.Membership.Voters.Where(voter => voter != image.Self).ToArray();
        foreach (var voter in others.Where(voter => directory.Find(voter) is null))
        {
            PeerLog.NoAddress(logger, voter.ToString());
        }

        var net = new PeerNet(self, directory, _mailbox, Security, logger, memory, _standing);
        var listens = _options.ListensForPeers || others.Length > 0;
        var snapshots = new PeerSnapshots(new PeerSnapshotSender(net, store), new PeerSnapshotInbox(net, store, Fail));
        var transport = new PeerTransport(net, listens ? _options.ListenPeerUrls : [], snapshots, _loggers, _services,
            new PeerQueries(_node, _mailbox));
        PeerMetrics.Register(_metrics.Meter, transport);
        return transport;
    }

    private async Task<StoreOptions> StoreOptionsAsync(CancellationToken cancellationToken)
    {
        var isJoining = _options.InitialClusterState == InitialClusterState.Existing && !ReplicaStore.Exists(_files);
        var fresh = isJoining
            ? await new ClusterJoin(_options, Security, _logger).AskAsync(cancellationToken)
            : FirstIdentity.Of(_options);
        return new StoreOptions
        {
            Fresh = fresh,
            SegmentBytes = _options.WalSegmentBytes,
            Pace = () => new BackgroundPace(_time, _hurry.Token),
        };
    }

    private void Fail(Exception fault)
    {
        HostingLog.Fatal(_logger, fault.Message, fault);
        _fatal.End(fault);
    }
}

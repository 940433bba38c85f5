using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage.Snapshots;
using RestKv.Storage.Wal;

namespace RestKv.Storage;

/// <summary>
/// Everything one member keeps on disk. Opening it recovers, repairs and counts the start; when it returns, all that it
/// reports is durable. The log is then for the thread of the log, snapshots and <see cref="Maintain"/> for background
/// tasks.
/// </summary>
public sealed class ReplicaStore : IDisposable
{
    private readonly IFileSystem _files;
    private readonly StoreOptions _options;
    private readonly DataDirectory _directory;
    private readonly WalSegmentPool _pool;
    private readonly WalSegmentList _segments;
    private readonly SnapshotCatalog _catalog;

    private ReplicaStore(
        IFileSystem files, StoreOptions options, DataDirectory directory, SpaceReserve space, WalSegmentPool pool,
        SnapshotCatalog catalog, StoreRecovery recovery, WalTail tail, long incarnation)
    {
        _files = files;
        _options = options;
        _directory = directory;
        Space = space;
        _pool = pool;
        _catalog = catalog;
        _segments = new WalSegmentList(tail.Segments);
        Image = recovery.Image;
        Snapshot = recovery.Snapshot;
        Report = recovery.Report;
        var owner = OwnerOf(directory.Identity) with { Incarnation = incarnation };
        Log = new WalWriter(files, owner, pool, _segments, tail);
    }

    public StoreIdentity Identity => _directory.Identity;

    /// <summary>The durable state of the member, as the protocol wants it.</summary>
    public RaftImage Image { get; }

    /// <summary>The snapshot that <see cref="Image"/> builds on, verified; none when the log goes back to the beginning.
    /// The caller reads and disposes it.</summary>
    public SnapshotReader? Snapshot { get; }

    public RecoveryReport Report { get; }

    public WalWriter Log { get; }

    public SpaceReserve Space { get; }

    /// <summary>
    /// Whether a store was ever made there, to the end: what a first start left that was cut short is made anew, under whatever
    /// identity is given then. One that joins a cluster has to ask who it is until it has begun once.
    /// </summary>
    public static bool Exists(IFileSystem files)
    {
        if (!files.Exists(IdentityFile.FileName))
        {
            return false;
        }

        try
        {
            return IdentityFile.Read(files).Incarnation > 0;
        }
        catch (Exception fault) when (fault is StorageIoException or CorruptDataException or DataDirectoryException)
        {
            // Something is there that cannot be read: opening it will say why.
            return true;
        }
    }

    /// <exception cref="DataDirectoryException">The directory cannot be used as it is: exit code 2.</exception>
    /// <exception cref="CorruptDataException">Promised data is damaged: exit code 3.</exception>
    /// <exception cref="StorageIoException">The disk failed: exit code 74.</exception>
    public static ReplicaStore Open(IFileSystem files, StoreOptions options)
    {
        options.Validate();
        var space = new SpaceReserve(files, options.ReserveBytes, options.SegmentBytes);
        var directory = DataDirectory.Open(files, options, space);
        try
        {
            return Open(files, options, directory, space);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Starts a snapshot of the state at a place in the log. Several may be under way.</summary>
    /// <param name="isUrgent">Somebody waits for it, so it is written without rests: the log must not outrun it.</param>
    /// <param name="abandon">Ends it after the block that is being written.</param>
    public SnapshotWriter CreateSnapshot(SnapshotMark mark, bool isUrgent = false, CancellationToken abandon = default) =>
        new(_files, Space, Identity.Cluster, mark, _catalog.NextPartPath(), isUrgent ? NoPace.Instance : _options.Pace(), abandon);

    /// <summary>
    /// Takes note of a completed snapshot and gives back what it makes superfluous: older snapshots and the log below
    /// <paramref name="keepFrom"/>. Unless space is short, the log is kept back to the older snapshot.
    /// </summary>
    /// <param name="mark">Mark of a snapshot whose writer has completed.</param>
    /// <param name="keepFrom">First entry still wanted, for slow followers; at most one past the mark.</param>
    public void SnapshotSaved(SnapshotMark mark, LogIndex keepFrom)
    {
        Invariant.Check(keepFrom <= mark.Index.Next);
        _catalog.Add(mark);
        var frugal = Space.IsShort;
        _catalog.Prune(frugal ? SnapshotCatalog.KeptMin : _options.SnapshotsKept);
        if (_options.KeepLogForOlderSnapshot && !frugal)
        {
            var older = _catalog.OldestOf(_options.SnapshotsKept).Next;
            keepFrom = older < keepFrom ? older : keepFrom;
        }

        WalRetention.Trim(_segments, _pool, keepFrom, _options.Pace());
    }

    /// <summary>Opens a kept snapshot, to send it or load it again; none when it is gone.</summary>
    public SnapshotReader? OpenSnapshot(LogIndex index, Term term) => _catalog.TryOpen(index, term);

    /// <summary>The newest snapshot file that reaches at least so far, as bytes, for another member; none when there is none.</summary>
    public SnapshotFileBytes? OpenSnapshotBytes(LogIndex atLeast) => _catalog.TryOpenBytes(atLeast);

    /// <summary>
    /// Begins to take another member's snapshot file. When it is complete, <see cref="OpenSnapshot"/> reads the state back;
    /// the log on disk restarts with the batch that carries its mark.
    /// </summary>
    public SnapshotReceiver ReceiveSnapshot() => new(_files, Space, _catalog, Identity.Cluster, _options.SnapshotsKept);

    /// <summary>
    /// Keeps that this directory lost what the member had promised, see <see cref="StoreIdentity.LossKind"/>. Durable when it
    /// returns.
    /// </summary>
    public void MarkLost(byte kind) => _directory.MarkLost(kind);

    /// <summary>
    /// Makes the next log segment ready and restores the reserve. Background task: soon after start, after a segment was
    /// begun, and from time to time while <see cref="SpaceReserve.IsShort"/>. Lack of space is not an error here.
    /// </summary>
    public void Maintain()
    {
        try
        {
            _pool.Prepare(_options.Pace());
        }
        catch (StorageIoException e) when (e.IsNoSpace)
        {
            // The reserve says so to whoever asks, and a flush that needs the segment will say it again.
        }

        Space.TryRestore();
    }

    /// <summary>Clean stop: the last flush gets its witness. Not to be called when the disk has failed or was cut off.</summary>
    public void Dispose()
    {
        if (!Log.IsPoisoned && !Log.HasPending)
        {
            try
            {
                Log.TryWriteWitness();
            }
            catch (StorageIoException)
            {
                // Nothing was promised by it; the next start judges the log without.
            }
        }

        Log.Dispose();
        _directory.Dispose();
    }

    private static ReplicaStore Open(
        IFileSystem files, StoreOptions options, DataDirectory directory, SpaceReserve space)
    {
        if (directory.IsNew)
        {
            EraseUnfinished(files);
        }

        var pool = new WalSegmentPool(files, options.SegmentBytes, options.SparesMax, space);
        var catalog = SnapshotCatalog.Open(files, directory.Identity.Cluster);
        var store = directory.IsNew
            ? Create(files, options, directory, space, pool, catalog)
            : Recover(files, options, directory, space, pool, catalog);
        store.Log.TryWriteWitness();
        return store;
    }

    private static ReplicaStore Create(
        IFileSystem files, StoreOptions options, DataDirectory directory, SpaceReserve space, WalSegmentPool pool,
        SnapshotCatalog catalog)
    {
        var origin = SnapshotMark.Origin(Invariant.NotNull(options.Fresh).Membership);
        var recovery = new StoreRecovery(
            new RaftImage(directory.Identity.Node, default, origin, []), null, new RecoveryReport(), null);
        var store = new ReplicaStore(
            files, options, directory, space, pool, catalog, recovery, WalTail.Empty, incarnation: 1);
        store.Log.Append(new PersistBatch(default, default(HardState), [], origin, NeedsFlush: true));
        store.Log.Flush();

        // The log first: an identity that has been used says that there must be a log.
        directory.BeginIncarnation();
        return store;
    }

    private static ReplicaStore Recover(
        IFileSystem files, StoreOptions options, DataDirectory directory, SpaceReserve space, WalSegmentPool pool,
        SnapshotCatalog catalog)
    {
        var recovery = StoreRecovery.Read(files, options, directory.Identity, OwnerOf(directory.Identity), catalog);
        try
        {
            var scan = Invariant.NotNull(recovery.Scan);

            // Read everything, then count the start, then write: frames of this life carry its number.
            directory.BeginIncarnation();
            WalRepair.Apply(files, scan);
            pool.Adopt();
            var store = new ReplicaStore(
                files, options, directory, space, pool, catalog, recovery, scan.Tail, directory.Identity.Incarnation);
            if (recovery.Report.SnapshotReplacedLog)
            {
                store.Log.Append(new PersistBatch(
                    default, recovery.Image.HardState, [], recovery.Image.Snapshot, NeedsFlush: true));
                store.Log.Flush();
            }

            return store;
        }
        catch
        {
            recovery.Dispose();
            throw;
        }
    }

    private static void EraseUnfinished(IFileSystem files)
    {
        foreach (var directory in new[] { WalFormat.Directory, SnapshotFormat.Directory })
        {
            foreach (var name in files.List(directory))
            {
                files.Remove($"{directory}/{name}");
            }

            files.SyncDirectory(directory);
        }
    }

    private static WalOwner OwnerOf(StoreIdentity identity) =>
        new(identity.Cluster, identity.Node, identity.Salt, identity.Incarnation);
}

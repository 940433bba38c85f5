using RestKv.Raft;
using RestKv.Storage.Snapshots;
using RestKv.Storage.Wal;

namespace RestKv.Storage;

/// <summary>
/// Layout, lock and identity of a data directory. The lock is held until disposal. Everything that makes a directory
/// unfit is a <see cref="DataDirectoryException"/> with a text for the operator.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    internal const string LockName = "lock";

    /// <summary>What a file system makes by itself in its root.</summary>
    internal const string LostAndFound = "lost+found";

    /// <summary>Names that may be in a directory that has no identity yet: traces of a creation that was cut short.</summary>
    private static readonly string[] OwnNames =
    [
        IdentityFile.PartName, LockName, WalFormat.Directory, SnapshotFormat.Directory,
        SpaceReserve.FileName, SpaceReserve.PartName, LostAndFound,
    ];

    private readonly IFileSystem _files;
    private readonly IDisposable _lock;

    private DataDirectory(IFileSystem files, IDisposable heldLock, StoreIdentity identity)
    {
        _files = files;
        _lock = heldLock;
        Identity = identity;
    }

    public StoreIdentity Identity { get; private set; }

    /// <summary>True until the first <see cref="BeginIncarnation"/>: the log has not been made yet, or not completely.</summary>
    public bool IsNew => Identity.Incarnation == 0;

    public static DataDirectory Open(IFileSystem files, StoreOptions options, SpaceReserve reserve)
    {
        try
        {
            CheckContent(files, options);
            files.CreateDirectory(string.Empty);
            var held = files.TryLock(LockName)
                ?? throw new DataDirectoryException($"{files.Root} is in use by another process");
            try
            {
                return OpenLocked(files, options, reserve, held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (StorageIoException e) when (Explain(e, files.Root) is { } text)
        {
            throw new DataDirectoryException(text, e);
        }
    }

    /// <summary>Counts this start, durably. Nothing that carries the incarnation may be written before.</summary>
    public void BeginIncarnation()
    {
        var next = Identity with { Incarnation = Identity.Incarnation + 1 };
        IdentityFile.Update(_files, next);
        Identity = next;
    }

    /// <summary>Keeps, durably, that the others know more of this member's promises than this directory does.</summary>
    public void MarkLost(byte kind)
    {
        var marked = Identity with { LossKind = kind };
        IdentityFile.Update(_files, marked);
        Identity = marked;
    }

    public void Dispose() => _lock.Dispose();

    private static DataDirectory OpenLocked(
        IFileSystem files, StoreOptions options, SpaceReserve reserve, IDisposable held)
    {
        // Looked at once more: another process may have made the directory its own before the lock was ours.
        CheckContent(files, options);
        files.CreateDirectory(WalFormat.Directory);
        files.CreateDirectory(SnapshotFormat.Directory);
        if (!files.Exists(IdentityFile.FileName) || IdentityFile.Read(files).Incarnation == 0)
        {
            CreateIdentity(files, options, reserve);
        }

        // Names that a crash left visible but not durable must be durable before anything is built on them.
        files.SyncDirectory(string.Empty);
        var identity = IdentityFile.Read(files);
        CheckOwner(files, options, identity);

        // Only now is it certain that the directory is ours to change.
        files.MakeRootPrivate();
        return new DataDirectory(files, held, identity);
    }

    /// <summary>Also when one is there that was never used: a creation that was cut short is begun again.</summary>
    private static void CreateIdentity(IFileSystem files, StoreOptions options, SpaceReserve reserve)
    {
        var fresh = options.Fresh ?? throw NothingThere(files);
        Invariant.Check(fresh.Cluster.Value != 0 && !fresh.Node.IsNone);
        var created = new StoreIdentity(fresh.Cluster, fresh.Node, 0, StoreIdentity.CurrentFormat) { Salt = fresh.Salt };
        IdentityFile.Create(files, reserve, created);
    }

    private static DataDirectoryException NothingThere(IFileSystem files) =>
        new($"{files.Root} holds no data, and none is to be made");

    private static void CheckContent(IFileSystem files, StoreOptions options)
    {
        var names = files.List(string.Empty);
        if (names.Contains(IdentityFile.FileName))
        {
            return;
        }

        foreach (var name in names)
        {
            if (!OwnNames.Contains(name))
            {
                throw new DataDirectoryException(
                    $"{files.Root} is not empty and holds no RestKv data (found '{name}'): name an empty directory");
            }
        }

        foreach (var directory in new[] { WalFormat.Directory, SnapshotFormat.Directory })
        {
            if (files.List(directory).Count > 0)
            {
                throw new DataDirectoryException(
                    $"{files.Root} holds data in '{directory}' but the file 'identity' is missing: bring it back, or "
                    + "move the directory away");
            }
        }

        if (options.Fresh is null)
        {
            throw NothingThere(files);
        }
    }

    private static void CheckOwner(IFileSystem files, StoreOptions options, StoreIdentity identity)
    {
        if (options.Cluster is { } cluster && cluster != identity.Cluster)
        {
            throw new DataDirectoryException(
                $"{files.Root} belongs to cluster {identity.Cluster}, not to cluster {cluster}");
        }

        if (options.Node is { } node && node != identity.Node)
        {
            throw new DataDirectoryException($"{files.Root} belongs to member {identity.Node}, not to member {node}");
        }
    }

    /// <summary>What the operator did wrong, or null when it is the disk that failed.</summary>
    internal static string? Explain(StorageIoException e, string root) => e.ErrorNumber switch
    {
        ErrorNumbers.NotDirectory => $"{root} is not a directory ({e.Message})",
        ErrorNumbers.AccessDenied => $"{root} cannot be written by this user ({e.Message})",
        ErrorNumbers.ReadOnly => $"{root} is on a read-only file system ({e.Message})",
        _ => null,
    };
}

using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage.Snapshots;
using RestKv.Storage.Wal;

namespace RestKv.Storage;

/// <summary>
/// Makes the data directory of a member that begins with a state instead of with nothing: a snapshot, and a log that goes on
/// behind it. A marker is there first and the identity last, so that a directory that was cut short in the making is refused
/// by every later start instead of being taken for an empty member.
/// </summary>
public static class RestoredStore
{
    /// <summary>Its name is what a start that refuses the directory shows.</summary>
    private const string MarkerName = "unfinished-restore";

    private const string PartPath = SnapshotFormat.Directory + "/restored" + SnapshotFormat.PartSuffix;

    /// <exception cref="DataDirectoryException">There is something in the directory.</exception>
    public static void CheckEmpty(IFileSystem files)
    {
        foreach (var name in files.List(string.Empty))
        {
            if (name is not (DataDirectory.LockName or DataDirectory.LostAndFound))
            {
                throw new DataDirectoryException(
                    $"{files.Root} is not empty (found '{name}'): a backup is restored into an empty directory");
            }
        }
    }

    /// <param name="options">With <see cref="StoreOptions.Fresh"/>: who the member is.</param>
    /// <param name="mark">The place in the log that the state stands for, with the membership that begins there.</param>
    /// <param name="writeState">Writes the state to the snapshot.</param>
    /// <exception cref="DataDirectoryException">The directory is not empty or cannot be used.</exception>
    /// <exception cref="StorageIoException">The disk failed; the directory is left as a start refuses it.</exception>
    public static void Create(IFileSystem files, StoreOptions options, SnapshotMark mark, Action<ISnapshotSink> writeState)
    {
        options.Validate();
        try
        {
            CheckEmpty(files);
            files.CreateDirectory(string.Empty);
            using var held = files.TryLock(DataDirectory.LockName)
                ?? throw new DataDirectoryException($"{files.Root} is in use by another process");
            CheckEmpty(files);
            CreateLocked(files, options, mark, writeState);
        }
        catch (StorageIoException e) when (DataDirectory.Explain(e, files.Root) is { } text)
        {
            throw new DataDirectoryException(text, e);
        }
    }

    private static void CreateLocked(
        IFileSystem files, StoreOptions options, SnapshotMark mark, Action<ISnapshotSink> writeState)
    {
        var fresh = Invariant.NotNull(options.Fresh);
        Invariant.Check(fresh.Cluster.Value != 0 && !fresh.Node.IsNone);
        Invariant.Check(mark.Membership.Contains(fresh.Node));
        files.MakeRootPrivate();
        files.Create(MarkerName).Dispose();
        files.SyncDirectory(string.Empty);
        files.CreateDirectory(WalFormat.Directory);
        files.CreateDirectory(SnapshotFormat.Directory);
        files.SyncDirectory(string.Empty);

        // The first start makes the reserve; what is made here must fit without it.
        var space = new SpaceReserve(files, reserveBytes: 0, options.SegmentBytes);
        using (var snapshot = new SnapshotWriter(files, space, fresh.Cluster, mark, PartPath, NoPace.Instance))
        {
            writeState(snapshot);
            snapshot.Complete();
        }

        var pool = new WalSegmentPool(files, options.SegmentBytes, options.SparesMax, space);
        var owner = new WalOwner(fresh.Cluster, fresh.Node, fresh.Salt, Incarnation: 1);
        using (var log = new WalWriter(files, owner, pool, new WalSegmentList([]), WalTail.Empty))
        {
            log.Append(new PersistBatch(
                default, new HardState(mark.Term, NodeId.None, mark.Index), [], mark, NeedsFlush: true));
            log.Flush();
            log.TryWriteWitness();
        }

        IdentityFile.Create(
            files, space,
            new StoreIdentity(fresh.Cluster, fresh.Node, 1, StoreIdentity.CurrentFormat) { Salt = fresh.Salt });
        files.Remove(MarkerName);
    }
}

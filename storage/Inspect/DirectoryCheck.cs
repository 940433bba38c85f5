using RestKv.Storage.Snapshots;
using RestKv.Storage.Wal;

namespace RestKv.Storage.Inspect;

/// <summary>What is left of a data directory's promises.</summary>
public enum DirectoryHealth
{
    /// <summary>Everything reads back; a start would lose nothing.</summary>
    Intact,

    /// <summary>The log ends in an unfinished flush that nobody was promised; the next start cuts it off.</summary>
    TornTail,

    /// <summary>A snapshot is damaged, but an older one and the log make up for it.</summary>
    Degraded,

    /// <summary>Promised data is damaged; a start would refuse.</summary>
    Damaged,

    /// <summary>There is no data here, or not of this format.</summary>
    Unusable,
}

/// <summary>
/// Reads a whole data directory as a start would, changes nothing, and says what it found. Offline: a running process
/// is still writing, so its directory may look torn.
/// </summary>
public static class DirectoryCheck
{
    public static DirectoryHealth Run(IFileSystem files, Action<string> output)
    {
        try
        {
            if (!files.Exists(IdentityFile.FileName))
            {
                output($"{files.Root}: no identity file, so no data of RestKv");
                return DirectoryHealth.Unusable;
            }

            return Check(files, IdentityFile.Read(files), output);
        }
        catch (CorruptDataException e)
        {
            output($"damaged: {e.Message}");
            return DirectoryHealth.Damaged;
        }
        catch (DataDirectoryException e)
        {
            output(e.Message);
            return DirectoryHealth.Unusable;
        }
    }

    private static DirectoryHealth Check(IFileSystem files, StoreIdentity identity, Action<string> output)
    {
        output($"cluster {identity.Cluster}, member {identity.Node}, started {identity.Incarnation} times, "
            + $"format {identity.FormatVersion}");
        if (identity.Incarnation == 0)
        {
            output("its creation was cut short; the next start begins it again");
            return DirectoryHealth.Intact;
        }

        var health = CheckSnapshots(files, output);
        using var recovery = ReadAsStartWould(files, identity);
        var image = recovery.Image;
        output($"log: {recovery.Report.Segments} segments, entries up to index "
            + $"{(image.Entries.Count > 0 ? image.Entries[^1].Index : image.Snapshot.Index)}, term {image.HardState.Term}, "
            + $"vote {image.HardState.Vote}, commit at least {image.HardState.Commit}");
        if (recovery.Report.Torn is { } torn)
        {
            output($"torn tail: an unfinished flush in {torn.File} at offset {torn.Position.Offset} will be cut off");
            health = health == DirectoryHealth.Intact ? DirectoryHealth.TornTail : health;
        }

        output(health == DirectoryHealth.Degraded ? "usable, but a snapshot is damaged" : "usable");
        return health;
    }

    private static StoreRecovery ReadAsStartWould(IFileSystem files, StoreIdentity identity)
    {
        var owner = new WalOwner(identity.Cluster, identity.Node, identity.Salt, identity.Incarnation);
        var catalog = SnapshotCatalog.List(files, identity.Cluster);
        return StoreRecovery.Read(files, new StoreOptions(), identity, owner, catalog);
    }

    private static DirectoryHealth CheckSnapshots(IFileSystem files, Action<string> output)
    {
        var health = DirectoryHealth.Intact;
        foreach (var name in files.List(SnapshotFormat.Directory))
        {
            if (SnapshotFormat.TryParseName(name, out _, out _)
                && !SnapshotDump.Write(files, $"{SnapshotFormat.Directory}/{name}", output))
            {
                health = DirectoryHealth.Degraded;
            }
        }

        return health;
    }
}

using RestKv.Core;
using RestKv.Core.Members;
using RestKv.Raft;
using RestKv.Storage;
using RestKv.Storage.Snapshots;

namespace RestKv.Api.Hosting;

/// <summary>
/// Makes a member of a new cluster from a backup. The whole file is read, checked and decoded before anything is made of it.
/// The same call with the same options on other machines makes the other members of the same cluster.
/// </summary>
internal static class BackupRestore
{
    public const long BumpDefault = 1_000_000_000;

    /// <summary>Revisions are numbers in JSON, which are exact up to here.</summary>
    private const long RevisionMax = (1L << 53) - 1;

    /// <exception cref="CorruptDataException">The file is damaged or cut short; nothing was touched.</exception>
    /// <exception cref="DataDirectoryException">The directory is not empty, or the options do not fit; nothing was touched.</exception>
    /// <exception cref="StorageIoException">The file cannot be read, or the disk failed.</exception>
    public static RestoredBackup Run(string file, NodeOptions options, long bump)
    {
        // 1. Everything that can be refused is refused before the directory is touched.
        var data = new PhysicalFileSystem(options.DataDir);
        RestoredStore.CheckEmpty(data);
        var machine = Load(file, out var facts);
        if (bump > RevisionMax - machine.Store.Revision)
        {
            throw new DataDirectoryException(
                $"--revision-bump {bump} is too much: the backup is at revision {machine.Store.Revision}, and {RevisionMax} is the last");
        }

        // 2. Another cluster, that goes on where nobody has been.
        var fresh = FirstIdentity.OfRestored(options, facts.Digest, bump);
        machine.Jump(bump, options.IsInitialClusterGiven
            ? MemberList.Of(FirstIdentity.MembersOf(options, fresh.Node), [])
            : MemberList.Empty);
        var mark = new SnapshotMark(new LogIndex(machine.AppliedIndex), facts.Mark.Term.Next, fresh.Membership);

        // 3. The directory.
        var image = machine.Capture(machine.Store.Publish());
        RestoredStore.Create(
            data,
            new StoreOptions { Fresh = fresh, SegmentBytes = options.WalSegmentBytes },
            mark,
            sink => SnapshotCodec.Write(image, sink));
        return new RestoredBackup(facts, fresh, machine.Store.Revision);
    }

    /// <summary>Reads a backup to its last bit and says what it holds.</summary>
    /// <exception cref="CorruptDataException">It is damaged or cut short.</exception>
    /// <exception cref="StorageIoException">It cannot be read.</exception>
    public static BackupFacts Check(string file)
    {
        Load(file, out var facts);
        return facts;
    }

    private static KvStateMachine Load(string file, out BackupFacts facts)
    {
        var path = Path.GetFullPath(file);
        var files = new PhysicalFileSystem(Path.GetDirectoryName(path) ?? "/");
        var name = Path.GetFileName(path);
        using var reader = SnapshotReader.OpenBackup(files, name);
        reader.Verify();
        try
        {
            var machine = SnapshotCodec.Read(reader, new MachineOptions());
            if (machine.AppliedIndex != reader.Mark.Index.Value || reader.Read(new byte[1]) != 0)
            {
                throw new SnapshotCorruptException(name, 0, "its header and its content are not of one backup");
            }

            facts = new BackupFacts(
                reader.Cluster, reader.Mark, reader.Digest, reader.DataBytes,
                machine.Store.Revision, machine.Store.KeyCount, machine.Leases.Count);
            return machine;
        }
        catch (Exception fault) when (fault is SnapshotFormatException or Core.Mvcc.SnapshotCorruptException)
        {
            // Every sum fits, and yet it is no state: no writer of this version made it.
            throw new SnapshotCorruptException(name, 0, $"its content is not sound: {fault.Message}");
        }
    }
}

/// <summary>What a backup holds.</summary>
/// <param name="Digest">SHA-256 of header and chunks, as the footer states it.</param>
internal sealed record BackupFacts(
    ClusterId Cluster, SnapshotMark Mark, string Digest, long DataBytes, long Revision, long Keys, int Leases);

/// <param name="Revision">Where the new cluster begins; nothing before can be read.</param>
internal sealed record RestoredBackup(BackupFacts From, FreshStore Into, long Revision);

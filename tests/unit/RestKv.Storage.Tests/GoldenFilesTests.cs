using System.Runtime.CompilerServices;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage.Inspect;
using RestKv.Storage.Tests.Support;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

/// <summary>
/// The formats, byte for byte. A difference means that data written by an earlier build can no longer be read, or that
/// the format version must go up. Recorded anew with RESTKV_RECORD=1, which is a decision and not a repair.
/// </summary>
public sealed class GoldenFilesTests
{
    private static readonly string[] Paths =
    [
        "identity",
        "wal/00000000000000000001-00000000000000000001.wal",
        "wal/00000000000000000002-00000000000000000005.wal",
        "snapshots/00000000000000000003-00000000000000000002.snap",
    ];

    [Fact]
    public void What_is_written_today_is_what_was_written_then()
    {
        var disk = new VirtualDisk();
        Write(disk);
        if (Environment.GetEnvironmentVariable("RESTKV_RECORD") == "1")
        {
            foreach (var path in Paths)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(FixturePath(path))!);
                File.WriteAllBytes(FixturePath(path), disk.ReadAll(path));
            }
        }

        foreach (var path in Paths)
        {
            Assert.Equal(Convert.ToHexString(File.ReadAllBytes(FixturePath(path))), Convert.ToHexString(disk.ReadAll(path)));
        }

        Assert.Equal([.. Paths.Order(StringComparer.Ordinal)], disk.Files().Where(path => path != "lock"));
    }

    [Fact]
    public void What_was_written_then_is_read_today()
    {
        var disk = Fixture();

        var store = ReplicaStore.Open(disk, Stores.Options);

        Assert.Equal(new StoreIdentity(Stores.Cluster, Stores.Node, 2, 1) { Salt = 0x5a17 }, store.Identity);
        Assert.Equal(new HardState(new Term(2), new NodeId(3), new LogIndex(4)), store.Image.HardState);
        Assert.Equal(new SnapshotMark(new LogIndex(3), new Term(2), Stores.Membership), store.Image.Snapshot);
        Assert.Equal([1, 2, 3, 4, 5], store.Image.Entries.Select(entry => entry.Index.Value));
        Assert.Equal([1, 1, 2, 2, 2], store.Image.Entries.Select(entry => entry.Term.Value));
        Assert.Equal(
            [EntryKind.Membership, EntryKind.Command, EntryKind.Noop, EntryKind.Command, EntryKind.Command],
            store.Image.Entries.Select(entry => entry.Kind));
        Assert.Equal("golden"u8.ToArray(), store.Image.Entries[1].Payload.ToArray());
        Assert.Equal("the state at index 3"u8.ToArray(), Member.ReadAll(Invariant.NotNull(store.Snapshot)));
    }

    [Fact]
    public void The_tools_say_what_is_in_them()
    {
        var disk = Fixture();
        var lines = new List<string>();

        Assert.Equal(DirectoryHealth.Intact, DirectoryCheck.Run(disk, lines.Add));
        Assert.True(WalDump.Write(disk, Paths[1], lines.Add));
        Assert.True(WalDump.Write(disk, Paths[2], lines.Add));

        var text = string.Join('\n', lines);
        Assert.Contains("cluster 1122334455667788, member 99aabbccddeeff, started 1 times, format 1", text, StringComparison.Ordinal);
        Assert.Contains("entries up to index 5, term 2, vote 3, commit at least 4", text, StringComparison.Ordinal);
        Assert.Contains("restart 0 term 0 voters=[2,3,99aabbccddeeff] learners=[]", text, StringComparison.Ordinal);
        Assert.Contains("state term 2 vote 3 commit 4", text, StringComparison.Ordinal);
        Assert.Contains("entry 2 term 1 Command 6 bytes", text, StringComparison.Ordinal);
        Assert.Contains("index 3, term 2", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_tells_torn_degraded_damaged_and_not_ours_apart()
    {
        var torn = Fixture();
        torn.Damage(Paths[2], 512 + 3000, [1, 2, 3]);
        Assert.Equal(DirectoryHealth.TornTail, DirectoryCheck.Run(torn, Ignore));
        Assert.False(WalDump.Write(torn, Paths[2], Ignore));

        var degraded = Fixture();
        degraded.FlipBit(Paths[3], 8 * 1050);
        Assert.Equal(DirectoryHealth.Degraded, DirectoryCheck.Run(degraded, Ignore));
        Assert.False(SnapshotDump.Write(degraded, Paths[3], Ignore));

        var damaged = Fixture();
        damaged.FlipBit(Paths[1], 8 * 600);
        var lines = new List<string>();
        Assert.Equal(DirectoryHealth.Damaged, DirectoryCheck.Run(damaged, lines.Add));
        Assert.Contains(lines, line => line.Contains($"{Paths[1]} is damaged at offset 512", StringComparison.Ordinal));

        Assert.Equal(DirectoryHealth.Unusable, DirectoryCheck.Run(new VirtualDisk(), Ignore));

        static void Ignore(string line)
        {
        }
    }

    /// <summary>One of everything: all kinds of records and entries, an overwritten suffix, a second segment, a snapshot.</summary>
    private static void Write(VirtualDisk disk)
    {
        var store = ReplicaStore.Open(disk, Stores.Options);
        Append(store, new HardState(new Term(1), Stores.Node, default), [
            Entry(1, 1, EntryKind.Membership, Stores.Membership.Encode()),
            Entry(2, 1, EntryKind.Command, "golden"u8),
            Entry(3, 1, EntryKind.Command, "overwritten"u8),
        ]);
        Append(store, new HardState(new Term(2), new NodeId(3), new LogIndex(2)), [
            Entry(3, 2, EntryKind.Noop, []),
            Entry(4, 2, EntryKind.Command, [0, 255]),
        ]);
        var mark = new SnapshotMark(new LogIndex(3), new Term(2), Stores.Membership);
        using (var writer = store.CreateSnapshot(mark))
        {
            writer.Write("the state at index 3"u8);
            writer.Complete();
        }

        store.SnapshotSaved(mark, new LogIndex(1));
        Append(store, new HardState(new Term(2), new NodeId(3), new LogIndex(4)), [
            Entry(5, 2, EntryKind.Command, Member.SnapshotBytes(new LogIndex(5), 3000)),
        ]);
    }

    private static void Append(ReplicaStore store, HardState state, Entry[] entries)
    {
        store.Log.Append(new PersistBatch(default, state, entries, null, NeedsFlush: true));
        store.Log.Flush();
    }

    private static Entry Entry(long index, long term, EntryKind kind, ReadOnlySpan<byte> payload) =>
        new(new LogIndex(index), new Term(term), kind, payload.ToArray());

    private static VirtualDisk Fixture()
    {
        var disk = new VirtualDisk();
        disk.CreateDirectory("wal");
        disk.CreateDirectory("snapshots");
        foreach (var path in Paths)
        {
            using var file = disk.Create(path);
            file.WriteAt(0, File.ReadAllBytes(FixturePath(path)));
        }

        return disk;
    }

    private static string FixturePath(string path, [CallerFilePath] string thisFile = "") =>
        Path.Join(Path.GetDirectoryName(Repository.Locate(thisFile)), "data", "format-1", path.Replace('/', '.') + ".bin");
}

using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage.Tests.Support;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

/// <summary>A directory that begins with a state: whole, or refused by everything that comes later.</summary>
public sealed class RestoredStoreTests
{
    private static readonly SnapshotMark Mark = new(new LogIndex(1_000_000_123), new Term(8), Stores.Membership);

    private static readonly (DiskOutcome Outcome, ulong Seed)[] Outcomes =
        [(DiskOutcome.Drop, 1), (DiskOutcome.Keep, 1), (DiskOutcome.Tear, 1), (DiskOutcome.Tear, 2)];

    [Fact]
    public void A_member_starts_from_it_and_goes_on_behind_it()
    {
        var disk = new VirtualDisk();
        Restore(disk);

        using (var store = ReplicaStore.Open(disk, Stores.Options with { Fresh = null }))
        {
            Assert.Equal(Mark, store.Image.Snapshot);
            Assert.Equal((Mark.Term, NodeId.None, Mark.Index), Parts(store.Image.HardState));
            Assert.Empty(store.Image.Entries);
            Assert.Equal(2, store.Identity.Incarnation);
            Assert.Equal(Content(), Read(store));
            store.Log.Append(new PersistBatch(
                default, null, [new Entry(Mark.Index.Next, Mark.Term, EntryKind.Command, "next"u8.ToArray())], null, NeedsFlush: true));
            store.Log.Flush();
        }

        using var again = ReplicaStore.Open(disk, Stores.Options);
        Assert.Equal(Mark.Index.Next, Assert.Single(again.Image.Entries).Index);
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("notes.txt")]
    [InlineData("wal")]
    public void A_directory_with_anything_in_it_is_refused_and_left_alone(string name)
    {
        var disk = new VirtualDisk();
        disk.CreateDirectory("");
        disk.Create(name).Dispose();

        var refusal = Assert.Throws<DataDirectoryException>(() => Restore(disk));

        Assert.Contains($"found '{name}'", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([name], disk.List(""));
    }

    [Fact]
    public void What_a_power_cut_left_is_whole_or_refused_never_an_empty_member()
    {
        var whole = 0;
        for (var call = 1; ; call++)
        {
            var crashed = new VirtualDisk { CutPowerBefore = call };
            try
            {
                Restore(crashed);
                Assert.True(call > 10, "the restore makes too few calls to be one");
                break;
            }
            catch (VirtualPowerCutException)
            {
                whole += Outcomes.Count(cut => IsWhole(crashed.Clone(), cut.Outcome, cut.Seed + (ulong)call));
            }
        }

        Assert.True(whole > 0, "no cut came after the commit point");
    }

    private static bool IsWhole(VirtualDisk disk, DiskOutcome outcome, ulong seed)
    {
        disk.CutPower(outcome, seed);
        if (disk.List("").All(name => name is "lock"))
        {
            // Nothing was begun.
            return false;
        }

        ReplicaStore store;
        try
        {
            store = ReplicaStore.Open(disk, Stores.Options);
        }
        catch (DataDirectoryException)
        {
            Assert.Throws<DataDirectoryException>(() => Restore(disk));
            return false;
        }

        using (store)
        {
            Assert.Equal(Mark, store.Image.Snapshot);
            Assert.Equal(Content(), Read(store));
            return true;
        }
    }

    private static void Restore(VirtualDisk disk) =>
        RestoredStore.Create(disk, Stores.Options, Mark, sink => sink.Write(Content()));

    private static byte[] Content() => new SeededRandom(5).Bytes(10_000);

    private static byte[] Read(ReplicaStore store)
    {
        using var reader = Invariant.NotNull(store.Snapshot);
        var bytes = new byte[reader.DataBytes];
        for (var at = 0; at < bytes.Length;)
        {
            at += reader.Read(bytes.AsSpan(at));
        }

        return bytes;
    }

    private static (Term Term, NodeId Vote, LogIndex Commit) Parts(HardState state) => (state.Term, state.Vote, state.Commit);
}

using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage.Tests.Support;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

/// <summary>Bulk work beside the log comes in small pieces, each synced, with a rest after each.</summary>
public sealed class WritePaceTests
{
    private const int Piece = (1 << 20) + 16;

    [Fact]
    public void A_snapshot_rests_after_each_block_and_never_has_more_than_one_unsynced()
    {
        var (store, disk, pace) = Opened(1 << 20);
        var unsynced = 0;
        disk.OnOperation = (operation, path) =>
        {
            unsynced = !path.Contains("snapshots", StringComparison.Ordinal) ? unsynced
                : operation == "fdatasync" ? 0
                : operation == "pwrite" ? unsynced + 1 : unsynced;
            Assert.InRange(unsynced, 0, 2);
        };

        var mark = new PersistMark(1, new LogIndex(1), new Term(1));
        using var writer = store.CreateSnapshot(new SnapshotMark(mark.Index, mark.Term, new Membership([new NodeId(1)], [])));
        writer.Write(new byte[5 * Piece]);

        Assert.Equal(5, pace.Rests);
        Assert.Equal(0, unsynced);
    }

    [Fact]
    public void A_snapshot_that_somebody_waits_for_is_written_without_rests()
    {
        var (store, _, pace) = Opened(1 << 20);

        using var writer = store.CreateSnapshot(
            new SnapshotMark(new LogIndex(1), new Term(1), new Membership([new NodeId(1)], [])), isUrgent: true);
        writer.Write(new byte[5 * Piece]);

        Assert.Equal(0, pace.Rests);
    }

    [Fact]
    public void A_new_segment_is_filled_piece_by_piece_and_is_as_good_as_one_made_at_once()
    {
        var (store, disk, pace) = Opened(4 << 20);
        var calls = new List<string>();
        disk.OnOperation = (operation, path) => calls.Add(path.EndsWith(".part", StringComparison.Ordinal) ? operation : "other");

        store.Maintain();

        Assert.Equal(4, pace.Rests);
        Assert.Equal(["create", .. Enumerable.Repeat(new[] { "pwrite", "fdatasync" }, 4).SelectMany(step => step), "rename"], calls);
        var spare = disk.Files().Single(path => path.EndsWith(".spare", StringComparison.Ordinal));
        using var file = disk.Open(spare, writable: false);
        Assert.Equal(4 << 20, file.Length);
    }

    [Fact]
    public void A_segment_that_the_log_waits_for_is_made_without_rests()
    {
        var (store, _, pace) = Opened(1 << 20);
        var entry = new Entry(new LogIndex(1), new Term(1), EntryKind.Command, new byte[3 << 20]);

        store.Log.Append(new PersistBatch(
            new PersistMark(1, entry.Index, entry.Term), new HardState(entry.Term, default, default), [entry], null, true));
        store.Log.Flush();

        Assert.Equal(0, pace.Rests);
    }

    private static (ReplicaStore Store, VirtualDisk Disk, CountingPace Pace) Opened(long segmentBytes)
    {
        var disk = new VirtualDisk();
        var pace = new CountingPace();
        var store = ReplicaStore.Open(disk, Stores.Options with { SegmentBytes = segmentBytes, Pace = () => pace });
        return (store, disk, pace);
    }

    private sealed class CountingPace : IWritePace
    {
        public int Rests { get; private set; }

        public void Rest() => Rests++;
    }
}

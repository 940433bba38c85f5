using RestKv.Raft;
using RestKv.Storage.Snapshots;
using RestKv.Storage.Tests.Support;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

public sealed class SnapshotTests
{
    private const int Chunk = 1 << 20;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunk - 1)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData((2 * Chunk) + 5)]
    public void What_was_written_in_any_pieces_is_read_in_any_pieces(int length)
    {
        var (disk, store) = Opened();
        var mark = Mark(9, 3);
        var bytes = Member.SnapshotBytes(mark.Index, length);
        using (var writer = store.CreateSnapshot(mark))
        {
            for (int at = 0, step = 1; at < length; at += step, step = (step * 3) + 1)
            {
                writer.Write(bytes.AsSpan(at, Math.Min(step, length - at)));
            }

            Assert.Equal(length, writer.Complete().DataBytes);
        }

        disk.CutPower(DiskOutcome.Drop, 1);
        var reopened = ReplicaStore.Open(disk, Stores.Options);
        using var reader = Invariant.NotNull(reopened.Snapshot);

        Assert.Equal(mark, reader.Mark);
        Assert.Equal(bytes, Member.ReadAll(reader));
        Assert.Equal(0, reader.Read(new byte[10]));
    }

    [Fact]
    public void The_same_content_gives_the_same_digest_on_every_member()
    {
        var (_, one) = Opened();
        var (_, other) = Opened(Stores.Options with
        {
            Node = new NodeId(2),
            Fresh = Stores.Options.Fresh! with { Node = new NodeId(2), Salt = 99 },
        });

        Assert.Equal(Write(one, 5, "content").Digest, Write(other, 5, "content").Digest);
        Assert.NotEqual(Write(one, 6, "content").Digest, Write(one, 7, "content").Digest);
        Assert.NotEqual(Write(one, 8, "content").Digest, Write(other, 8, "Content").Digest);
    }

    [Fact]
    public void An_unfinished_snapshot_is_never_seen()
    {
        var (disk, store) = Opened();
        var writer = store.CreateSnapshot(Mark(5, 1));
        writer.Write(new byte[100]);
        Assert.Null(store.OpenSnapshot(new LogIndex(5), new Term(1)));
        disk.KillProcess();
        Assert.Single(disk.List("snapshots"));

        Assert.Null(ReplicaStore.Open(disk, Stores.Options).Snapshot);
        Assert.Empty(disk.List("snapshots"));
    }

    [Fact]
    public void A_snapshot_disposed_before_it_is_complete_leaves_nothing()
    {
        var (disk, store) = Opened();
        using (var writer = store.CreateSnapshot(Mark(5, 1)))
        {
            writer.Write(new byte[3000]);
        }

        Assert.Empty(disk.List("snapshots"));
    }

    [Fact]
    public void A_snapshot_that_is_abandoned_ends_after_a_block_and_leaves_nothing()
    {
        var (disk, store) = Opened();
        using var abandon = new CancellationTokenSource();
        using (var writer = store.CreateSnapshot(Mark(5, 1), isUrgent: true, abandon.Token))
        {
            writer.Write(new byte[3 << 20]);
            abandon.Cancel();

            Assert.Throws<OperationCanceledException>(() => writer.Write(new byte[(1 << 20) + 16]));
        }

        Assert.Empty(disk.List("snapshots"));
        disk.KillProcess();
        Assert.Null(ReplicaStore.Open(disk, Stores.Options).Snapshot);
    }

    [Fact]
    public void Two_are_kept_and_the_newest_counts()
    {
        var (disk, member) = Stores.After(m =>
        {
            for (var i = 0; i < 4; i++)
            {
                m.Append(2, 100);
                m.Commit();
                m.SaveSnapshot(keepEntries: 0);
            }
        });

        Assert.Equal(
            ["00000000000000000006-00000000000000000000.snap", "00000000000000000008-00000000000000000000.snap"],
            disk.List("snapshots"));
        member.Open();
        Assert.Equal(8, member.Store.Image.Snapshot.Index.Value);
    }

    [Fact]
    public void A_damaged_newest_one_falls_back_to_the_older_if_the_log_goes_back_that_far()
    {
        var (disk, ledger) = TwoSnapshots(Stores.Options with { KeepLogForOlderSnapshot = true });
        var newest = "snapshots/" + disk.List("snapshots")[1];

        for (long offset = 0; offset < disk.LengthOf(newest); offset += 41)
        {
            var damaged = disk.Clone();
            damaged.FlipBit(newest, (offset * 8) + (offset % 8));
            var store = ReplicaStore.Open(damaged, Stores.Options);

            Assert.Null(ledger.Differs(store.Image));
            Assert.Equal(2, store.Image.Snapshot.Index.Value);
            Assert.Equal(newest, Assert.Single(store.Report.DamagedSnapshots).File);
        }
    }

    [Fact]
    public void A_damaged_newest_one_is_refused_with_its_place_if_the_log_does_not()
    {
        var (disk, _) = TwoSnapshots(Stores.Options);
        var newest = "snapshots/" + disk.List("snapshots")[1];

        for (long offset = 0; offset < disk.LengthOf(newest); offset += 41)
        {
            var damaged = disk.Clone();
            damaged.FlipBit(newest, offset * 8);
            var e = Assert.Throws<SnapshotCorruptException>(() => ReplicaStore.Open(damaged, Stores.Options));

            Assert.Equal(newest, e.File);
            Assert.Contains($"{newest} is damaged at offset {e.Offset}", e.Message, StringComparison.Ordinal);
            Assert.Contains("the log begins only at index", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_missing_snapshot_that_the_log_needs_is_refused()
    {
        var (disk, _) = TwoSnapshots(Stores.Options);
        foreach (var name in disk.List("snapshots"))
        {
            disk.Lose("snapshots/" + name);
        }

        var e = Assert.Throws<SnapshotCorruptException>(() => ReplicaStore.Open(disk, Stores.Options));

        Assert.Contains("is missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_only_intact_snapshot_is_never_deleted()
    {
        var (disk, member) = Stores.After(
            m =>
            {
                m.Append(2, 100);
                m.Commit();
                m.SaveSnapshot(keepEntries: 0);
                m.Append(2, 100);
                m.Commit();
                m.SaveSnapshot(keepEntries: 0);
            },
            options: Stores.Options with { KeepLogForOlderSnapshot = true });
        var names = disk.List("snapshots");
        disk.FlipBit("snapshots/" + names[1], 9000);
        var ledger = member.On(disk);

        // The ledger knows of the newer snapshot; what counts here is the directory.
        var store = ReplicaStore.Open(disk, Stores.Options);
        Assert.Equal(2, store.Image.Snapshot.Index.Value);
        Write(store, 4, "again", term: 0);
        store.SnapshotSaved(Mark(4, 0), new LogIndex(5));

        Assert.Equal(names, disk.List("snapshots"));
        store.Snapshot?.Dispose();
        disk.KillProcess();
        var healed = ReplicaStore.Open(disk, Stores.Options);
        Assert.Equal(4, healed.Image.Snapshot.Index.Value);
        Assert.Empty(healed.Report.DamagedSnapshots);
        Assert.NotNull(ledger);
    }

    [Fact]
    public void A_snapshot_ahead_of_the_log_takes_its_place()
    {
        var (disk, _) = Stores.After(m =>
        {
            m.SetHardState(new Term(2), new NodeId(3));
            m.Append(3, 100);
        });
        var store = ReplicaStore.Open(disk, Stores.Options);
        Write(store, 10, "from the leader", term: 4);
        disk.CutPower(DiskOutcome.Drop, 1);

        for (var start = 0; start < 2; start++)
        {
            var reopened = ReplicaStore.Open(disk, Stores.Options);
            Assert.Equal(start == 0, reopened.Report.SnapshotReplacedLog);
            Assert.Equal(new HardState(new Term(4), NodeId.None, new LogIndex(10)), reopened.Image.HardState);
            Assert.Equal(10, reopened.Image.Snapshot.Index.Value);
            Assert.Empty(reopened.Image.Entries);
            disk.CutPower(DiskOutcome.Drop, 1);
        }
    }

    [Fact]
    public void A_log_that_differs_from_the_snapshot_at_its_index_gives_way()
    {
        var (disk, _) = Stores.After(m =>
        {
            m.SetHardState(new Term(2), new NodeId(3));
            m.Append(12, 10);
        });
        var store = ReplicaStore.Open(disk, Stores.Options);
        Write(store, 10, "from the leader", term: 3);
        disk.KillProcess();

        var reopened = ReplicaStore.Open(disk, Stores.Options);

        Assert.True(reopened.Report.SnapshotReplacedLog);
        Assert.Empty(reopened.Image.Entries);
    }

    [Fact]
    public void A_snapshot_of_another_cluster_is_not_taken()
    {
        var (disk, _) = Stores.After(m => m.Append(2, 10));
        var other = new ClusterId(5);
        var (theirs, store) = Opened(Stores.Options with { Cluster = other, Fresh = Stores.Options.Fresh! with { Cluster = other } });
        Write(store, 2, "theirs", term: 0);
        var name = Assert.Single(theirs.List("snapshots"));
        using (var file = disk.Create("snapshots/" + name))
        {
            file.WriteAt(0, theirs.ReadAll("snapshots/" + name));
        }

        var reopened = ReplicaStore.Open(disk, Stores.Options);

        Assert.Null(reopened.Snapshot);
        Assert.Contains("belongs to cluster 5", Assert.Single(reopened.Report.DamagedSnapshots).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chunk_that_decays_after_the_start_is_found_when_it_is_read()
    {
        var (disk, _) = Stores.After(m =>
        {
            m.Append(2, 10);
            m.Commit();
            m.SaveSnapshot(keepEntries: 0, dataBytes: Chunk + 500);
        });
        var store = ReplicaStore.Open(disk, Stores.Options);
        using var reader = Invariant.NotNull(store.Snapshot);
        var path = "snapshots/" + disk.List("snapshots")[0];
        disk.FlipBit(path, 8L * (1024 + 16 + Chunk + 16 + 100));
        var buffer = new byte[Chunk];
        Assert.Equal(Chunk, reader.Read(buffer));

        var e = Assert.Throws<SnapshotCorruptException>(() => reader.Read(buffer));

        Assert.Equal((path, 1024 + 16 + Chunk), (e.File, e.Offset));
    }

    private static SnapshotMark Mark(long index, long term) => new(new LogIndex(index), new Term(term), Stores.Membership);

    private static SnapshotInfo Write(ReplicaStore store, long index, string content, long term = 1)
    {
        using var writer = store.CreateSnapshot(Mark(index, term));
        writer.Write(System.Text.Encoding.UTF8.GetBytes(content));
        return writer.Complete();
    }

    private static (VirtualDisk Disk, LogModel Ledger) TwoSnapshots(StoreOptions options)
    {
        var (disk, member) = Stores.After(
            m =>
            {
                m.Append(2, 1200);
                m.Commit();
                m.SaveSnapshot(keepEntries: 0);
                m.Append(6, 1200);
                m.Append(2, 1200);
                m.Commit();
                m.SaveSnapshot(keepEntries: 0);
                m.Append(1, 10);
            },
            options: options);
        return (disk, member.Promised);
    }

    private static (VirtualDisk Disk, ReplicaStore Store) Opened(StoreOptions? options = null)
    {
        var disk = new VirtualDisk();
        return (disk, ReplicaStore.Open(disk, options ?? Stores.Options));
    }
}

using RestKv.Raft;
using RestKv.Storage.Snapshots;
using RestKv.Storage.Tests.Support;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

/// <summary>Snapshot files on their way from one member to another.</summary>
public sealed class SnapshotReceiverTests
{
    private const int Chunk = 1 << 20;
    private static readonly NodeId Receiver = new(2);

    private static StoreOptions Theirs => Stores.Options with
    {
        Node = Receiver,
        Fresh = Stores.Options.Fresh! with { Node = Receiver, Salt = 99 },
    };

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(Chunk + 1)]
    [InlineData((6 * Chunk) + 5)]
    public void What_arrives_in_any_pieces_is_the_snapshot_and_survives_a_power_cut(int length)
    {
        var (_, sender) = Opened(Stores.Options);
        var (disk, store) = Opened(Theirs);
        Write(sender, 9, length);

        using (var source = Invariant.NotNull(sender.OpenSnapshotBytes(new LogIndex(5))))
        using (var receiver = store.ReceiveSnapshot())
        {
            Send(source, receiver, source.Length);
            Assert.Equal(Mark(9), receiver.Complete());
        }

        disk.CutPower(DiskOutcome.Drop, 1);
        var reopened = ReplicaStore.Open(disk, Theirs);
        using var reader = Invariant.NotNull(reopened.Snapshot);
        Assert.Equal(Mark(9), reader.Mark);
        Assert.Equal(Member.SnapshotBytes(new LogIndex(9), length), Member.ReadAll(reader));
    }

    [Fact]
    public void A_broken_transfer_goes_on_where_it_broke_off_even_from_another_member()
    {
        var (_, one) = Opened(Stores.Options);
        var third = new NodeId(3);
        var (_, other) = Opened(Theirs with { Node = third, Fresh = Theirs.Fresh! with { Node = third, Salt = 7 } });
        var (_, store) = Opened(Theirs);
        Write(one, 9, 5000);
        Write(other, 9, 5000);
        using var first = Invariant.NotNull(one.OpenSnapshotBytes(new LogIndex(9)));
        using var second = Invariant.NotNull(other.OpenSnapshotBytes(new LogIndex(1)));
        using var receiver = store.ReceiveSnapshot();

        Send(first, receiver, 3000);
        Assert.Equal(3000, receiver.Offset);
        Send(second, receiver, second.Length);

        Assert.Equal(Mark(9), receiver.Complete());
        using var reader = Invariant.NotNull(store.OpenSnapshot(new LogIndex(9), new Term(1)));
        Assert.Equal(5000, reader.DataBytes);
    }

    [Fact]
    public void Nothing_but_the_whole_file_is_taken()
    {
        var (_, sender) = Opened(Stores.Options);
        Write(sender, 9, 100);
        var bytes = BytesOf(sender);

        Assert.Equal(Mark(9), Take(bytes));
        for (var length = 0; length < bytes.Length; length += 7)
        {
            var cut = bytes[..length];
            Assert.Throws<SnapshotCorruptException>(() => Take(cut));
        }

        Assert.Throws<SnapshotCorruptException>(() => Take([.. bytes, 0]));
        for (var bit = 0; bit < 8 * bytes.Length; bit += 13)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<SnapshotCorruptException>(() => Take(flipped));
        }
    }

    [Fact]
    public void A_snapshot_of_another_cluster_is_refused()
    {
        var foreign = new ClusterId(5);
        var (_, sender) = Opened(Stores.Options with { Cluster = foreign, Fresh = Stores.Options.Fresh! with { Cluster = foreign } });
        Write(sender, 9, 100);

        var refused = Assert.Throws<SnapshotCorruptException>(() => Take(BytesOf(sender)));

        Assert.Contains("belongs to cluster 5", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_breaks_off_leaves_nothing()
    {
        var (disk, store) = Opened(Theirs);
        using (var receiver = store.ReceiveSnapshot())
        {
            receiver.Write(new byte[3000]);
        }

        Assert.Empty(disk.List("snapshots"));
        store.ReceiveSnapshot().Write(new byte[3000]);
        Assert.Single(disk.List("snapshots"));
        disk.KillProcess();
        Assert.Null(ReplicaStore.Open(disk, Theirs).Snapshot);
        Assert.Empty(disk.List("snapshots"));
    }

    [Fact]
    public void A_power_cut_at_any_call_leaves_the_old_state_or_the_new_one()
    {
        var (_, sender) = Opened(Stores.Options);
        Write(sender, 9, 100);
        var bytes = BytesOf(sender);
        var found = new SortedSet<long>();
        for (var call = 1; ; call++)
        {
            var (disk, store) = Opened(Theirs);
            disk.CutPowerBefore = disk.Operations + call;
            var isOver = false;
            try
            {
                using var receiver = store.ReceiveSnapshot();
                receiver.Write(bytes);
                receiver.Complete();
                isOver = true;
            }
            catch (VirtualPowerCutException)
            {
                disk.CutPower(DiskOutcome.Tear, (ulong)call);
            }

            if (isOver)
            {
                break;
            }

            var reopened = ReplicaStore.Open(disk, Theirs);
            found.Add(reopened.Image.Snapshot.Index.Value);
            Assert.Empty(reopened.Report.DamagedSnapshots);
        }

        Assert.Equal([0, 9], found);
    }

    [Fact]
    public void What_is_being_sent_stays_readable_while_newer_snapshots_take_its_place()
    {
        var (disk, store) = Opened(Stores.Options);
        Write(store, 1, 100);
        using var source = Invariant.NotNull(store.OpenSnapshotBytes(LogIndex.Zero));
        var before = new byte[source.Length];
        source.ReadAt(0, before);
        for (var index = 2; index < 6; index++)
        {
            Write(store, index, 100);
        }

        Assert.Equal(2, disk.List("snapshots").Count);
        var after = new byte[source.Length];
        Assert.Equal(after.Length, source.ReadAt(0, after));
        Assert.Equal(before, after);
        Assert.Null(store.OpenSnapshotBytes(new LogIndex(6)));
    }

    private static SnapshotMark Take(byte[] bytes)
    {
        var (disk, store) = Opened(Theirs);
        try
        {
            using var receiver = store.ReceiveSnapshot();
            receiver.Write(bytes);
            return receiver.Complete();
        }
        catch (SnapshotCorruptException)
        {
            Assert.Empty(disk.List("snapshots"));
            throw;
        }
    }

    private static void Send(SnapshotFileBytes source, SnapshotReceiver receiver, long upTo)
    {
        var piece = new byte[1000];
        while (receiver.Offset < upTo)
        {
            var wanted = (int)Math.Min(piece.Length, upTo - receiver.Offset);
            var count = source.ReadAt(receiver.Offset, piece.AsSpan(0, wanted));
            receiver.Write(piece.AsSpan(0, count));
        }
    }

    private static byte[] BytesOf(ReplicaStore store)
    {
        using var source = Invariant.NotNull(store.OpenSnapshotBytes(LogIndex.Zero));
        var bytes = new byte[source.Length];
        Assert.Equal(bytes.Length, source.ReadAt(0, bytes));
        return bytes;
    }

    private static void Write(ReplicaStore store, long index, int length)
    {
        using (var writer = store.CreateSnapshot(Mark(index)))
        {
            writer.Write(Member.SnapshotBytes(new LogIndex(index), length));
            writer.Complete();
        }

        store.SnapshotSaved(Mark(index), new LogIndex(1));
    }

    private static SnapshotMark Mark(long index) => new(new LogIndex(index), new Term(1), Stores.Membership);

    private static (VirtualDisk Disk, ReplicaStore Store) Opened(StoreOptions options)
    {
        var disk = new VirtualDisk();
        return (disk, ReplicaStore.Open(disk, options));
    }
}

using RestKv.Raft;
using RestKv.Storage.Snapshots;
using RestKv.Storage.Tests.Support;
using RestKv.Storage.Wal;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

/// <summary>Every bit of a small directory turned over, one at a time.</summary>
public sealed class BitFlipTests
{
    /// <summary>After a clean stop every flush has a witness: no flipped bit may cost anything silently.</summary>
    [Fact]
    public void Any_flipped_bit_in_a_witnessed_log_is_harmless_or_refused_with_its_place()
    {
        var (disk, _) = Stores.After(Script, cleanStop: true);
        var expected = Logs.Describe(Logs.Scan(disk));
        var refused = 0;

        foreach (var path in Stores.Segments(disk))
        {
            foreach (var bit in BitsOf(disk, path, UsedBytes(disk, path)))
            {
                disk.FlipBit(path, bit);
                try
                {
                    Assert.Equal(expected, Logs.Describe(Logs.Scan(disk)));
                }
                catch (WalCorruptException e)
                {
                    Assert.Equal(path, e.File);
                    Assert.InRange(e.Offset, 0, bit / 8);
                    Assert.InRange(e.Index.Value, 1, 8);
                    refused++;
                }

                disk.FlipBit(path, bit);
            }
        }

        Assert.True(refused > 5_000, $"only {refused} flips were refused");
    }

    /// <summary>
    /// The known residue: of the very last flush, if the process died before the next, nothing on disk says that it had
    /// been finished. A flipped bit there looks torn and costs that flush; everything before it is refused or harmless.
    /// </summary>
    [Fact]
    public void A_flipped_bit_after_a_crash_costs_at_most_the_very_last_flush()
    {
        var (disk, _) = Stores.After(Script);
        var expected = Logs.Describe(Logs.Scan(disk));
        var last = Logs.Frames(disk)[^1];
        var shortened = disk.Clone();
        shortened.Damage(last.Path, last.Start, new byte[last.End - last.Start]);
        var withoutLast = Logs.Describe(Logs.Scan(shortened));
        var residue = 0;

        foreach (var path in Stores.Segments(disk))
        {
            foreach (var bit in BitsOf(disk, path, UsedBytes(disk, path)))
            {
                disk.FlipBit(path, bit);
                try
                {
                    var found = Logs.Describe(Logs.Scan(disk));
                    if (found != expected)
                    {
                        Assert.Equal(withoutLast, found);
                        Assert.Equal(last.Path, path);
                        Assert.InRange(bit / 8, last.Start, last.End - 1);
                        residue++;
                    }
                }
                catch (WalCorruptException e)
                {
                    Assert.Equal(path, e.File);
                }

                disk.FlipBit(path, bit);
            }
        }

        Assert.True(residue > 0);
    }

    [Fact]
    public void Any_flipped_bit_in_a_snapshot_is_found()
    {
        var disk = new VirtualDisk();
        disk.CreateDirectory(SnapshotFormat.Directory);
        var mark = new SnapshotMark(new LogIndex(7), new Term(2), Stores.Membership);
        WriteSnapshot(disk, mark, 100);
        var path = SnapshotFormat.PathOf(mark.Index, mark.Term);

        for (long bit = 0; bit < disk.LengthOf(path) * 8; bit++)
        {
            disk.FlipBit(path, bit);
            var e = Assert.Throws<SnapshotCorruptException>(() => ReadThrough(disk, path));
            Assert.Equal(path, e.File);
            Assert.InRange(e.Offset, 0, disk.LengthOf(path));
            disk.FlipBit(path, bit);
        }

        ReadThrough(disk, path);
    }

    [Fact]
    public void Any_flipped_bit_in_the_identity_costs_no_more_than_a_number()
    {
        var (disk, member) = Stores.After(m => m.Append(1, 1));
        member.Open();
        disk.KillProcess();

        foreach (var bit in BitsOf(disk, "identity", disk.LengthOf("identity")))
        {
            var damaged = disk.Clone();
            damaged.FlipBit("identity", bit);
            var store = ReplicaStore.Open(damaged, Stores.Options);

            Assert.Equal((Stores.Cluster, Stores.Node), (store.Identity.Cluster, store.Identity.Node));
            Assert.InRange(store.Identity.Incarnation, member.Incarnation + 1, member.Incarnation + 2);
        }
    }

    [Fact]
    public void An_identity_with_both_slots_damaged_is_refused()
    {
        var (disk, _) = Stores.After(m => m.Append(1, 1));
        disk.FlipBit("identity", 8 * 30);
        disk.FlipBit("identity", 8 * (512 + 30));

        var e = Assert.Throws<IdentityCorruptException>(() => ReplicaStore.Open(disk, Stores.Options));

        Assert.Equal("identity", e.File);
    }

    [Fact]
    public void A_refusal_changes_nothing_on_disk()
    {
        var (disk, _) = Stores.After(Script, cleanStop: true);
        var path = Stores.Segments(disk)[0];
        disk.FlipBit(path, 8 * 700);
        var before = disk.Files().ToDictionary(file => file, file => Convert.ToHexString(disk.ReadAll(file)));

        var e = Assert.Throws<WalCorruptException>(() => ReplicaStore.Open(disk, Stores.Options));

        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Contains($"offset {e.Offset}", e.Message, StringComparison.Ordinal);
        Assert.Contains($"index {e.Index}", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, disk.Files().ToDictionary(file => file, file => Convert.ToHexString(disk.ReadAll(file))));
    }

    private static void Script(Member member)
    {
        member.SetHardState(new Term(2), Stores.Node);
        member.Append(2, 40);
        member.Overwrite(entriesBack: 1, count: 2, payloadBytes: 10);
        member.Append(1, 700);
        member.Append(2, 20);
        member.Append(1, 30);
    }

    /// <summary>Every bit that is written, but of zero bytes, most of them padding, only one, another one each time.</summary>
    private static IEnumerable<long> BitsOf(VirtualDisk disk, string path, long used)
    {
        var bytes = disk.ReadAll(path);
        for (long offset = 0; offset < used; offset++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                if (bytes[offset] != 0 || offset % 8 == bit)
                {
                    yield return (offset * 8) + bit;
                }
            }
        }
    }

    private static long UsedBytes(VirtualDisk disk, string path) =>
        Logs.Frames(disk).Where(frame => frame.Path == path).Max(frame => frame.End);

    private static void WriteSnapshot(VirtualDisk disk, SnapshotMark mark, int dataBytes)
    {
        var reserve = new SpaceReserve(disk, 0, 0);
        using var writer = new SnapshotWriter(disk, reserve, Stores.Cluster, mark, "snapshots/1.part", NoPace.Instance);
        writer.Write(Member.SnapshotBytes(mark.Index, dataBytes));
        writer.Complete();
    }

    private static void ReadThrough(VirtualDisk disk, string path)
    {
        using var reader = SnapshotReader.Open(disk, path);
        reader.Verify();
        Assert.Equal(Member.SnapshotBytes(reader.Mark.Index, (int)reader.DataBytes), Member.ReadAll(reader));
    }
}

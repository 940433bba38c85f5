using RestKv.Raft;
using RestKv.Storage.Tests.Support;
using RestKv.Storage.Wal;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

/// <summary>Every byte of the last flush, damaged in every way a crash can: cut off, not needed by anybody.</summary>
public sealed class TornTailTests
{
    private static readonly StoreOptions Roomy = Stores.Options with { SegmentBytes = 2 * Stores.SegmentBytes };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_last_flush_cut_short_at_any_byte_is_cut_off_whole(bool zeroFilled)
    {
        var (disk, before, after) = TwoFlushes();
        var last = Logs.Frames(disk)[^1];

        for (var offset = last.Start; offset < last.End; offset++)
        {
            var torn = disk.Clone();
            if (zeroFilled)
            {
                torn.Damage(last.Path, offset, new byte[last.End - offset]);
            }
            else
            {
                torn.Truncate(last.Path, offset);
            }

            ExpectOneOf(torn, before, after, mayKeep: offset >= last.End - 512);
        }
    }

    [Theory]
    [InlineData(0xFF)]
    [InlineData(0x01)]
    public void A_last_flush_garbled_at_any_byte_is_cut_off_whole(byte mask)
    {
        var (disk, before, after) = TwoFlushes();
        var last = Logs.Frames(disk)[^1];
        var bytes = disk.ReadAll(last.Path);

        for (var offset = last.Start; offset < last.End; offset++)
        {
            disk.Damage(last.Path, offset, [(byte)(bytes[offset] ^ mask)]);
            ExpectOneOf(disk.Clone(), before, after, mayKeep: offset >= last.End - 512);
            disk.Damage(last.Path, offset, [bytes[offset]]);
        }
    }

    [Fact]
    public void Any_sectors_of_the_last_flush_may_be_missing()
    {
        var (disk, before, after) = TwoFlushes();
        var last = Logs.Frames(disk)[^1];
        var sectors = (int)((last.End - last.Start) / 512);
        Assert.True(sectors is >= 3 and < 8);

        for (var missing = 1; missing < 1 << sectors; missing++)
        {
            var torn = disk.Clone();
            for (var sector = 0; sector < sectors; sector++)
            {
                if ((missing & (1 << sector)) != 0)
                {
                    torn.Damage(last.Path, last.Start + (sector * 512), new byte[512]);
                }
            }

            ExpectOneOf(torn, before, after, mayKeep: false);
        }
    }

    [Fact]
    public void The_cut_is_reported_once()
    {
        var (disk, before, _) = TwoFlushes();
        var last = Logs.Frames(disk)[^1];
        disk.Damage(last.Path, last.Start + 200, [1, 2, 3]);

        var first = ReplicaStore.Open(disk, Roomy);
        Assert.Equal(new TornTail(last.Path, new WalPosition(1, last.Start)), first.Report.Torn);
        Assert.Null(before.Differs(first.Image));
        disk.KillProcess();
        var second = ReplicaStore.Open(disk, Roomy);

        Assert.Null(second.Report.Torn);
        Assert.Null(before.Differs(second.Image));
    }

    [Fact]
    public void An_unreadable_sector_in_the_last_flush_is_a_torn_tail_like_any_other()
    {
        var (disk, before, _) = TwoFlushes();
        var last = Logs.Frames(disk)[^1];
        disk.MakeUnreadable(last.Path, last.Start + 512);

        var store = ReplicaStore.Open(disk, Roomy);

        Assert.NotNull(store.Report.Torn);
        Assert.Null(before.Differs(store.Image));
    }

    [Fact]
    public void A_segment_whose_first_flush_is_torn_counts_as_never_begun()
    {
        var (disk, member) = Stores.After(m =>
        {
            m.Append(1, 3000);
            m.Append(1, 3000);
        });
        var before = member.Promised with { Entries = member.Promised.Entries.Remove(2) };
        var path = Stores.LastSegment(disk);

        foreach (var sector in new[] { 0, 512, 1024, 3072 })
        {
            var torn = disk.Clone();
            torn.Damage(path, sector, new byte[512]);
            var store = ReplicaStore.Open(torn, Stores.Options);

            Assert.Null(before.Differs(store.Image));
            Assert.NotNull(store.Report.Torn);
            Assert.False(torn.Exists(path));
        }
    }

    private static (VirtualDisk Disk, LogModel Before, LogModel After) TwoFlushes()
    {
        var before = LogModel.Empty;
        var (disk, member) = Stores.After(m =>
        {
            m.SetHardState(new Term(3), Stores.Node);
            m.Append(2, 50);
            before = m.Promised;
            m.Append(3, 400);
        }, options: Roomy);
        return (disk, before, member.Promised);
    }

    private static void ExpectOneOf(VirtualDisk disk, LogModel before, LogModel after, bool mayKeep)
    {
        var image = ReplicaStore.Open(disk, Roomy).Image;
        if (mayKeep && after.Differs(image) is null)
        {
            return;
        }

        Assert.Null(before.Differs(image));
    }
}

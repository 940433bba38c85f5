using RestKv.Storage.Tests.Support;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

public sealed class FullDiskTests
{
    private const long ReserveBytes = 16 << 10;

    private static readonly StoreOptions WithReserve = Stores.Options with { ReserveBytes = ReserveBytes };

    [Fact]
    public void A_flush_that_gets_no_segment_can_be_repeated_when_space_is_back()
    {
        var (disk, member) = Opened(Stores.Options);
        member.Append(2, 600);
        disk.CapacityBytes = disk.Files().Sum(disk.LengthOf);
        var before = disk.Operations;

        var failure = Assert.Throws<StorageIoException>(() => member.Append(2, 900));
        Assert.True(failure.IsNoSpace);
        Assert.False(member.Store.Log.IsPoisoned);
        Assert.True(member.Store.Log.HasPending);
        Assert.Equal(2, member.Promised.Last);
        Assert.Throws<StorageIoException>(() => member.Flush());
        disk.CapacityBytes = long.MaxValue;
        member.Flush();

        Assert.Equal(4, member.Promised.Last);
        Assert.True(disk.Operations > before);
        disk.CutPower(DiskOutcome.Drop, 1);
        member.Open();
    }

    [Fact]
    public void What_waited_for_space_is_lost_with_the_process_and_nothing_else()
    {
        var (disk, member) = Opened(Stores.Options);
        member.Append(2, 600);
        disk.CapacityBytes = disk.Files().Sum(disk.LengthOf);
        Assert.Throws<StorageIoException>(() => member.Append(2, 900));

        disk.CutPower(DiskOutcome.Tear, 3);
        member.Open();

        Assert.Equal(2, member.Promised.Last);
    }

    [Fact]
    public void The_reserve_is_given_up_once_and_says_that_space_is_short()
    {
        var (disk, member) = Opened(WithReserve);
        member.Store.Maintain();
        Assert.True(disk.Exists("reserve"));
        Assert.False(member.Store.Space.IsShort);
        disk.CapacityBytes = disk.Files().Sum(disk.LengthOf);

        while (!member.Store.Space.IsShort)
        {
            member.Append(2, 900);
        }

        Assert.False(disk.Exists("reserve"));
        member.Append(2, 900);
        Assert.True(member.Promised.Last > 4);
    }

    [Fact]
    public void A_snapshot_gets_through_on_the_reserve_and_gives_space_back()
    {
        var (disk, member) = Opened(WithReserve);
        member.Store.Maintain();
        for (var i = 0; i < 20; i++)
        {
            member.Append(2, 900);
        }

        disk.CapacityBytes = disk.Files().Sum(disk.LengthOf);
        member.Commit();
        member.SaveSnapshot(keepEntries: 0, dataBytes: 3000);
        Assert.True(member.Store.Space.IsShort);
        var used = disk.Files().Sum(disk.LengthOf);
        Assert.True(used < disk.CapacityBytes / 2, $"{used} of {disk.CapacityBytes} bytes still used");

        member.Store.Maintain();

        Assert.False(member.Store.Space.IsShort);
        Assert.True(disk.Exists("reserve"));
        member.Append(4, 900);
        disk.CutPower(DiskOutcome.Drop, 1);
        member.Open();
    }

    [Fact]
    public void Short_of_space_only_the_newest_snapshot_and_no_spare_log_is_kept()
    {
        var options = WithReserve with { KeepLogForOlderSnapshot = true };
        var (disk, member) = Opened(options);
        member.Store.Maintain();
        Fill(member);
        member.SaveSnapshot(keepEntries: 0);
        Fill(member);
        disk.CapacityBytes = disk.Files().Sum(disk.LengthOf);

        member.SaveSnapshot(keepEntries: 0, dataBytes: 2000);

        Assert.Single(disk.Files(), path => path.EndsWith(".snap", StringComparison.Ordinal));
        Assert.Single(Stores.Segments(disk));
        disk.CutPower(DiskOutcome.Drop, 1);
        member.Open();
    }

    [Fact]
    public void The_shortage_is_not_over_before_there_is_room_for_reserve_and_segment()
    {
        var (disk, member) = Opened(WithReserve);
        member.Store.Maintain();
        disk.CapacityBytes = disk.Files().Sum(disk.LengthOf);
        while (!member.Store.Space.IsShort)
        {
            member.Append(2, 900);
        }

        disk.CapacityBytes = disk.Files().Sum(disk.LengthOf) + ReserveBytes + Stores.SegmentBytes - 1;
        Assert.False(member.Store.Space.TryRestore());
        Assert.True(member.Store.Space.IsShort);
        disk.CapacityBytes++;
        Assert.True(member.Store.Space.TryRestore());
        Assert.False(member.Store.Space.IsShort);
    }

    [Fact]
    public void A_node_starts_on_a_full_disk()
    {
        var (disk, member) = Opened(WithReserve);
        member.Store.Maintain();
        member.Append(2, 900);
        disk.CapacityBytes = disk.Files().Sum(disk.LengthOf);
        disk.KillProcess();

        member.Open();
        member.Append(2, 900);
        member.Append(2, 900);

        Assert.True(member.Store.Space.IsShort);
        Assert.Equal(6, member.Promised.Last);
    }

    [Fact]
    public void A_node_without_reserve_starts_on_a_disk_without_a_free_byte()
    {
        var (disk, member) = Opened(Stores.Options);
        member.Append(2, 900);
        disk.CapacityBytes = 0;

        for (var start = 0; start < 3; start++)
        {
            disk.CutPower(DiskOutcome.Drop, 1);
            member.Open();
            Assert.Equal(2, member.Promised.Last);
        }
    }

    [Fact]
    public void A_snapshot_that_finds_no_room_leaves_nothing_behind()
    {
        var (disk, member) = Opened(Stores.Options);
        member.Append(2, 600);
        member.Commit();
        disk.CapacityBytes = disk.Files().Sum(disk.LengthOf) + 2000;

        var failure = Assert.Throws<StorageIoException>(() => member.SaveSnapshot(keepEntries: 0, dataBytes: 5000));

        Assert.True(failure.IsNoSpace);
        Assert.Empty(disk.List("snapshots"));
        member.Append(1, 10);
    }

    /// <summary>The disk is full at some moment of a life, for a while, whichever moment that is.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(ReserveBytes)]
    public void Lack_of_space_at_any_moment_is_survived(long reserveBytes)
    {
        var options = Stores.Options with { ReserveBytes = reserveBytes };
        var refused = 0;
        for (var freeBytes = 0; freeBytes < 60_000; freeBytes += 1024)
        {
            var (disk, member) = Opened(options);
            disk.CapacityBytes = disk.Files().Sum(disk.LengthOf) + freeBytes;
            for (var round = 0; round < 6; round++)
            {
                refused += Try(() => member.Append(3, 700), member) + Try(() => Save(member), member);
                member.Store.Maintain();
            }

            disk.CapacityBytes = long.MaxValue;
            member.Flush();
            member.Store.Maintain();
            Assert.False(member.Store.Space.IsShort);
            member.Append(2, 900);
            disk.CutPower(DiskOutcome.Drop, 1);
            member.Open();
        }

        Assert.True(refused > 30, $"only {refused} refusals");
    }

    private static int Try(Action action, Member member)
    {
        try
        {
            action();
            return 0;
        }
        catch (StorageIoException e)
        {
            Assert.True(e.IsNoSpace);
            Assert.False(member.Store.Log.IsPoisoned);
            return 1;
        }
    }

    private static void Save(Member member)
    {
        if (!member.Store.Log.HasPending)
        {
            member.Commit();
            member.SaveSnapshot(keepEntries: 0, dataBytes: 500);
        }
    }

    private static void Fill(Member member)
    {
        for (var i = 0; i < 5; i++)
        {
            member.Append(2, 900);
        }

        member.Commit();
    }

    private static (VirtualDisk Disk, Member Member) Opened(StoreOptions options)
    {
        var disk = new VirtualDisk();
        var member = new Member(disk, options);
        member.Open();
        return (disk, member);
    }
}

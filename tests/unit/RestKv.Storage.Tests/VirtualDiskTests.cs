using RestKv.Testing;

namespace RestKv.Storage.Tests;

/// <summary>The disk that all the crash tests stand on must itself forget, tear and fail as it says.</summary>
public sealed class VirtualDiskTests
{
    [Fact]
    public void What_was_not_synced_is_gone_and_what_was_is_there()
    {
        var disk = new VirtualDisk();
        var file = disk.Create("a", 1024);
        disk.SyncDirectory(string.Empty);
        file.WriteAt(0, [1, 2, 3]);
        file.Sync();
        file.WriteAt(1, [9]);

        disk.CutPower(DiskOutcome.Drop, 1);

        Assert.Equal([1, 2, 3], disk.ReadAll("a")[..3]);
        Assert.Throws<VirtualPowerCutException>(() => file.Sync());
    }

    [Fact]
    public void A_name_is_gone_until_its_directory_was_synced()
    {
        var disk = new VirtualDisk();
        disk.CreateDirectory("d");
        var file = disk.Create("d/a");
        file.WriteAt(0, [1]);
        file.Sync();
        disk.CutPower(DiskOutcome.Drop, 1);
        Assert.Empty(disk.Files());

        disk.CreateDirectory("d");
        disk.SyncDirectory(string.Empty);
        disk.Create("d/a").Dispose();
        disk.SyncDirectory("d");
        disk.Rename("d/a", "d/b");
        disk.CutPower(DiskOutcome.Drop, 1);
        Assert.Equal(["d/a"], disk.Files());

        disk.Rename("d/a", "d/b");
        disk.SyncDirectory("d");
        disk.Remove("d/b");
        disk.CutPower(DiskOutcome.Drop, 1);
        Assert.Equal(["d/b"], disk.Files());
    }

    [Fact]
    public void A_kill_keeps_what_was_written_but_does_not_make_it_durable()
    {
        var disk = new VirtualDisk();
        var file = disk.Create("a", 512);
        disk.SyncDirectory(string.Empty);
        file.WriteAt(0, [7]);

        disk.KillProcess();
        Assert.Equal(7, disk.ReadAll("a")[0]);
        disk.CutPower(DiskOutcome.Drop, 1);

        Assert.Equal(0, disk.ReadAll("a")[0]);
    }

    [Fact]
    public void A_torn_write_keeps_drops_and_splits_sectors_each_by_itself()
    {
        var seen = new HashSet<string>();
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var disk = new VirtualDisk();
            var file = disk.Create("a", 1024);
            disk.SyncDirectory(string.Empty);
            file.WriteAt(0, [.. Enumerable.Repeat((byte)1, 1024)]);
            disk.CutPower(DiskOutcome.Tear, seed);
            seen.Add(string.Join(' ', disk.ReadAll("a").Chunk(512).Select(Kind)));
        }

        Assert.Equal(9, seen.Count);

        static string Kind(byte[] sector) => sector.Count(value => value == 1) switch
        {
            0 => "dropped",
            512 => "kept",
            _ => Array.LastIndexOf(sector, (byte)1) + 1 == sector.Count(value => value == 1) ? "torn" : "mixed",
        };
    }

    [Fact]
    public void A_failed_sync_makes_pages_clean_that_may_be_lost()
    {
        var lost = 0;
        for (ulong seed = 1; seed <= 50; seed++)
        {
            var disk = new VirtualDisk(seed) { SyncFault = path => path == "a" };
            var file = disk.Create("a", 512);
            disk.SyncDirectory(string.Empty);
            file.WriteAt(0, [5]);
            Assert.Throws<StorageIoException>(() => file.Sync());
            disk.SyncFault = null;
            file.Sync();
            Assert.Equal(5, disk.ReadAll("a")[0]);
            disk.CutPower(DiskOutcome.Keep, seed);
            lost += disk.ReadAll("a")[0] == 5 ? 0 : 1;
        }

        Assert.InRange(lost, 5, 45);
    }

    [Fact]
    public void A_disk_that_lies_about_syncs_loses_everything()
    {
        var disk = new VirtualDisk { LiesAboutSync = true };
        var file = disk.Create("a", 512);
        disk.SyncDirectory(string.Empty);
        file.Sync();

        disk.CutPower(DiskOutcome.Drop, 1);

        Assert.Empty(disk.Files());
    }

    [Fact]
    public void A_full_disk_refuses_what_does_not_fit_and_keeps_the_rest()
    {
        var disk = new VirtualDisk { CapacityBytes = 1000 };
        var file = disk.Create("a", 600);
        Assert.True(Assert.Throws<StorageIoException>(() => disk.Create("b", 401)).IsNoSpace);
        Assert.False(disk.Exists("b"));
        Assert.True(Assert.Throws<StorageIoException>(() => file.WriteAt(999, [1, 2])).IsNoSpace);
        file.WriteAt(598, [1, 2]);
        Assert.Equal(400, disk.FreeBytes());

        disk.Remove("a");

        Assert.Equal(1000, disk.FreeBytes());
    }

    [Fact]
    public void A_clone_goes_its_own_way_and_a_revert_goes_back()
    {
        var disk = new VirtualDisk();
        var file = disk.Create("a", 512);
        disk.SyncDirectory(string.Empty);
        file.WriteAt(0, [1]);
        var image = disk.Clone();
        file.WriteAt(0, [2]);
        file.Sync();

        Assert.Equal(1, image.ReadAll("a")[0]);
        image.CutPower(DiskOutcome.Drop, 1);
        Assert.Equal(0, image.ReadAll("a")[0]);
        Assert.Equal(2, disk.ReadAll("a")[0]);
        disk.RevertTo(image);
        Assert.Equal(0, disk.ReadAll("a")[0]);
    }

    [Fact]
    public void Truncated_and_extended_again_a_file_is_zero_there()
    {
        var disk = new VirtualDisk();
        var file = disk.Create("a");
        file.WriteAt(0, [.. Enumerable.Repeat((byte)1, 9000)]);
        file.SetLength(100);
        file.SetLength(9000);

        Assert.Equal(100, disk.ReadAll("a").Count(value => value == 1));
    }

    [Fact]
    public void The_power_goes_before_the_chosen_call_and_stays_away()
    {
        var disk = new VirtualDisk();
        disk.Create("a").Dispose();
        disk.CutPowerBefore = disk.Operations + 2;
        disk.Create("b").Dispose();

        Assert.Throws<VirtualPowerCutException>(() => disk.Create("c"));
        Assert.Throws<VirtualPowerCutException>(() => disk.Exists("a"));
        disk.CutPower(DiskOutcome.Keep, 1);
        Assert.Equal(["a", "b"], disk.Files());
    }

    [Fact]
    public void An_unreadable_sector_can_be_read_again_once_it_was_written()
    {
        var disk = new VirtualDisk();
        var file = disk.Create("a", 1024);
        disk.MakeUnreadable("a", 600);
        Assert.Equal(512, file.ReadAt(0, new byte[512]));
        Assert.Equal(ErrorNumbers.InputOutput, Assert.Throws<StorageIoException>(() => file.ReadAt(0, new byte[513])).ErrorNumber);

        file.WriteAt(512, new byte[512]);

        Assert.Equal(1024, file.ReadAt(0, new byte[2000]));
    }
}

using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage.Tests.Support;
using RestKv.Storage.Wal;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

/// <summary>A sync that fails ends the process; nothing is acknowledged after it, and nothing before it is lost.</summary>
public sealed class SyncFailureTests
{
    [Fact]
    public void A_failed_sync_poisons_the_log_for_good()
    {
        var (disk, member) = Opened();
        member.Append(1, 10);
        disk.SyncFault = path => path.EndsWith(".wal", StringComparison.Ordinal);

        var failure = Assert.Throws<StorageIoException>(() => member.Append(1, 10));
        disk.SyncFault = null;

        Assert.Equal(ErrorNumbers.InputOutput, failure.ErrorNumber);
        Assert.True(member.Store.Log.IsPoisoned);
        Assert.Equal(1, member.Store.Log.DurableMark.Sequence);
        Assert.Throws<WalPoisonedException>(() => member.Store.Log.Flush());
        Assert.Throws<WalPoisonedException>(() => member.Store.Log.TryWriteWitness());
        Assert.Throws<WalPoisonedException>(
            () => member.Store.Log.Append(new PersistBatch(default, null, [], null, true)));
    }

    [Theory]
    [InlineData("pwrite", 5)]
    [InlineData("pwrite", 28)]
    [InlineData("fdatasync", 5)]
    [InlineData("fdatasync", 28)]
    [InlineData("fdatasync", 4)]
    public void A_failed_write_or_sync_inside_a_segment_is_final_whatever_the_error(string operation, int error)
    {
        var fail = false;
        var files = new FaultyFileSystem(
            new VirtualDisk(),
            (op, path) => fail && op == operation && path.EndsWith(".wal", StringComparison.Ordinal) ? error : 0);
        var member = new Member(files, Stores.Options);
        member.Open();
        member.Append(1, 10);
        fail = true;

        Assert.Throws<StorageIoException>(() => member.Append(1, 10));
        fail = false;

        Assert.True(member.Store.Log.IsPoisoned);
        Assert.Throws<WalPoisonedException>(() => member.Store.Log.Flush());
    }

    [Theory]
    [InlineData("rename", 5)]
    [InlineData("open", 5)]
    [InlineData("create", 5)]
    [InlineData("fsync", 5)]
    [InlineData("fsync", 28)]
    public void A_failure_while_beginning_a_segment_is_final_unless_it_is_lack_of_space(string operation, int error)
    {
        var fail = false;
        var files = new FaultyFileSystem(new VirtualDisk(), (op, path) =>
            fail && op == operation && path.StartsWith("wal", StringComparison.Ordinal) ? error : 0);
        var member = new Member(files, Stores.Options);
        member.Open();
        fail = true;

        Assert.Throws<StorageIoException>(() => member.Append(1, 5000));

        Assert.True(member.Store.Log.IsPoisoned);
    }

    /// <summary>
    /// After a failed sync the kernel calls the pages clean although they may never have been written: the restarted
    /// process reads them, and the next sync succeeds without writing them. Recovery must not believe that.
    /// </summary>
    [Fact]
    public void What_recovery_reports_after_a_failed_sync_survives_a_power_cut()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var disk = new VirtualDisk(seed);
            var member = new Member(disk, Stores.Options);
            member.Open();
            member.Append(2, 700);
            disk.SyncFault = _ => true;
            Assert.Throws<StorageIoException>(() => member.Append(1 + (int)(seed % 3), 900));
            disk.SyncFault = null;
            disk.KillProcess();

            member.Open();
            disk.CutPower(DiskOutcome.Drop, seed);
            member.Open();
        }
    }

    [Fact]
    public void A_sync_that_fails_at_any_moment_loses_nothing_that_was_promised()
    {
        var syncs = CountSyncs();
        Assert.True(syncs > 30);

        for (var failing = 1; failing <= syncs; failing++)
        {
            var count = 0;
            var disk = new VirtualDisk((ulong)failing) { SyncFault = _ => ++count == failing };
            var member = new Member(disk, Stores.Options);
            Assert.Throws<StorageIoException>(() => Life(member));
            disk.SyncFault = null;
            disk.KillProcess();
            member.Open();
            disk.CutPower(DiskOutcome.Tear, (ulong)failing);
            member.Open();
        }
    }

    private static int CountSyncs()
    {
        var count = 0;
        var disk = new VirtualDisk();
        disk.OnOperation = (operation, _) => count += operation is "fsync" or "fdatasync" ? 1 : 0;
        Life(new Member(disk, Stores.Options));
        return count;
    }

    private static void Life(Member member)
    {
        member.Open();
        member.SetHardState(new Term(1), Stores.Node);
        member.Append(3, 300);
        member.Store.Maintain();
        member.Append(4, 800);
        member.Commit();
        member.SaveSnapshot(keepEntries: 1);
        member.Append(4, 800);
        member.Commit();
        member.SaveSnapshot(keepEntries: 0);
        member.Append(3, 800);
        member.InstallSnapshot(ahead: 3);
        member.Append(1, 100);
    }

    private static (VirtualDisk Disk, Member Member) Opened()
    {
        var disk = new VirtualDisk();
        var member = new Member(disk, Stores.Options);
        member.Open();
        return (disk, member);
    }
}

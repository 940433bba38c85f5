using RestKv.Raft;
using RestKv.Storage.Tests.Support;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

/// <summary>The power is cut before every call that changes or syncs something, with every kind of outcome.</summary>
public sealed class CrashSweepTests
{
    private static readonly (DiskOutcome Outcome, ulong Seed)[] Outcomes =
        [(DiskOutcome.Drop, 1), (DiskOutcome.Keep, 1), (DiskOutcome.Tear, 1), (DiskOutcome.Tear, 2), (DiskOutcome.Tear, 3)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Everything_flushed_survives_a_power_cut_before_any_call(bool keepLogForOlder)
    {
        var options = Stores.Options with { KeepLogForOlderSnapshot = keepLogForOlder, ReserveBytes = 8192 };
        var calls = CallsOf(options);

        for (var call = 1; call <= calls; call++)
        {
            var (crashed, ledger) = CrashBefore(call, options);
            foreach (var (outcome, seed) in Outcomes)
            {
                var disk = crashed.Clone();
                disk.CutPower(outcome, seed + (ulong)call);
                RecoverAndGoOn(disk, ledger.On(disk));
            }
        }

        Assert.True(calls > 150, $"the script makes {calls} calls only");
    }

    [Fact]
    public void Everything_flushed_survives_a_second_power_cut_at_any_call_of_the_recovery()
    {
        var calls = CallsOf(Stores.Options);
        var cuts = 0;

        for (var call = 1; call <= calls; call++)
        {
            var (crashed, ledger) = CrashBefore(call, Stores.Options);
            foreach (var (outcome, seed) in Outcomes)
            {
                var disk = crashed.Clone();
                disk.CutPower(outcome, seed + (ulong)call);
                cuts += CutEachCallOfRecovery(disk, ledger, outcome);
            }
        }

        Assert.True(cuts > 5 * calls * Outcomes.Length, $"only {cuts} recoveries were cut short");
    }

    [Fact]
    public void A_killed_process_loses_nothing_and_what_recovery_shows_is_durable_at_once()
    {
        var calls = CallsOf(Stores.Options);

        for (var call = 1; call <= calls; call++)
        {
            var (disk, member) = CrashBefore(call, Stores.Options);
            disk.KillProcess();
            member.Open();

            // What recovery reported may be built on: a power cut right after it must not take it back.
            disk.CutPower(DiskOutcome.Drop, 1);
            member.Open();
        }
    }

    private static void Life(Member member)
    {
        member.Open();
        member.SetHardState(new Term(1), Stores.Node);
        member.Append(1, 20);
        member.Store.Maintain();
        member.Append(3, 300);
        member.Append(2, 10, flush: false);
        member.Append(5, 200);
        member.Commit();
        member.Append(4, 700);
        member.Overwrite(entriesBack: 3, count: 2, payloadBytes: 500);
        member.Commit();
        member.SaveSnapshot(keepEntries: 2);
        member.Append(4, 800);
        member.Append(1, 9000); // larger than a segment
        member.Store.Maintain();
        member.Append(3, 600);
        member.Commit();
        member.SaveSnapshot(keepEntries: 1, dataBytes: 3000);
        member.Close();
        member.Open();
        member.Append(2, 1500);
        member.Append(2, 1500);
        member.Commit();
        member.SaveSnapshot(keepEntries: 0);
        member.Overwrite(entriesBack: 0, count: 1, payloadBytes: 0);
        member.InstallSnapshot(ahead: 10);
        member.Append(3, 900);
        member.Append(3, 900);
        member.Commit();
        member.SaveSnapshot(keepEntries: 0);
        member.Append(1, 1);
    }

    private static long CallsOf(StoreOptions options)
    {
        var disk = new VirtualDisk();
        Life(new Member(disk, options));
        return disk.Operations;
    }

    private static (VirtualDisk Disk, Member Member) CrashBefore(long call, StoreOptions options)
    {
        var disk = new VirtualDisk { CutPowerBefore = call };
        var member = new Member(disk, options);
        Assert.Throws<VirtualPowerCutException>(() => Life(member));
        return (disk, member);
    }

    private static int CutEachCallOfRecovery(VirtualDisk crashed, Member ledger, DiskOutcome outcome)
    {
        for (var call = 1; ; call++)
        {
            var disk = crashed.Clone();
            disk.CutPowerBefore = call;
            var member = ledger.On(disk);
            try
            {
                member.Open();
                return call - 1;
            }
            catch (VirtualPowerCutException)
            {
                disk.CutPower(outcome, (ulong)call);
                ledger.On(disk).Open();
            }
        }
    }

    private static void RecoverAndGoOn(VirtualDisk disk, Member member)
    {
        member.Open();
        member.SetHardState(member.Promised.Term.Next, new NodeId(3));
        member.Append(2, 700);
        member.Append(3, 900);
        member.Store.Maintain();
        disk.CutPower(DiskOutcome.Drop, 1);
        member.Open();
    }
}

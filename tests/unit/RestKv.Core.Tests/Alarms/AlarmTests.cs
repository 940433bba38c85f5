using RestKv.Core.Alarms;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Core.Tests.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Alarms;

/// <summary>Alarms are part of the replicated state and refuse on every member alike.</summary>
public sealed class AlarmTests
{
    private static readonly Command Put = new Command.Write(new Operation.Put("a"u8.ToArray(), "1"u8.ToArray()));

    private static readonly Command Delete = new Command.Write(new Operation.Delete(KeyRange.All));

    private static readonly Command Read = new Command.Write(
        new Operation.Txn([], [new Operation.Txn([], [new Operation.Get(new RangeRequest(KeyRange.All))], [])], []));

    [Fact]
    public void No_space_takes_what_does_not_grow()
    {
        var node = Elected();
        node.Run(Raise(AlarmKind.NoSpace));

        Assert.Equal(RejectionCode.NoSpace, Refusal(node.Run(Put)));
        Assert.Equal(RejectionCode.NoSpace, Refusal(node.Run(new Command.LeaseGrant(new LeaseId(1), 60))));
        Assert.Equal(RejectionCode.None, Refusal(node.Run(Delete)));
        Assert.Equal(RejectionCode.None, Refusal(node.Run(Read)));
        Assert.Equal(RejectionCode.None, Refusal(node.Run(new Command.Compact(1))));
    }

    [Fact]
    public void Corrupt_takes_reads_only()
    {
        var node = Elected();
        node.Run(new Command.LeaseGrant(new LeaseId(1), 60));
        node.Run(Raise(AlarmKind.Corrupt));

        Assert.Equal(RejectionCode.Corrupt, Refusal(node.Run(Put)));
        Assert.Equal(RejectionCode.Corrupt, Refusal(node.Run(Delete)));
        Assert.Equal(RejectionCode.Corrupt, Refusal(node.Run(new Command.LeaseRevoke(new LeaseId(1)))));
        Assert.Equal(RejectionCode.Corrupt, Refusal(node.Run(new Command.Compact(1))));
        Assert.Equal(RejectionCode.None, Refusal(node.Run(Read)));
    }

    [Fact]
    public void Leases_run_out_under_any_alarm()
    {
        var node = Elected();
        node.Run(new Command.LeaseGrant(new LeaseId(1), 2));
        node.Run(Raise(AlarmKind.Corrupt));

        node.Pass(4000);

        Assert.Equal(0, node.Machine.Leases.Count);
    }

    [Fact]
    public void One_is_lowered_by_its_kind_and_member()
    {
        var node = Elected();
        var alarm = new Alarm(AlarmKind.NoSpace, new NodeId(5));

        Assert.True(Changed(node.Run(new Command.SetAlarm(alarm, true))));
        Assert.False(Changed(node.Run(new Command.SetAlarm(alarm, true))));
        Assert.False(Changed(node.Run(new Command.SetAlarm(alarm with { Member = new NodeId(6) }, false))));
        Assert.Equal(RejectionCode.NoSpace, Refusal(node.Run(Put)));
        Assert.True(Changed(node.Run(new Command.SetAlarm(alarm, false))));
        Assert.Equal(RejectionCode.None, Refusal(node.Run(Put)));
    }

    [Fact]
    public void They_survive_a_restart_and_a_snapshot()
    {
        var node = Elected();
        node.Run(Raise(AlarmKind.NoSpace));
        node.Run(new Command.Compact(0, MustAdvance: true));

        var image = node.Machine.Capture(node.Machine.Store.Publish());
        var snapshot = new MemorySnapshot();
        SnapshotCodec.Write(image, snapshot);
        var restored = SnapshotCodec.Read(snapshot, new MachineOptions());

        Assert.Equal(node.Machine.Alarms.Alarms, restored.Alarms.Alarms);
        Assert.True(restored.HasCompactedNothing);
        Assert.Equal(node.Machine.Digest(), restored.Digest());
        node.Crash();
        node.Elect();
        Assert.Equal(RejectionCode.NoSpace, Refusal(node.Run(Put)));
    }

    [Fact]
    public void Their_number_is_bounded()
    {
        var node = Elected();
        for (var i = 1; i <= AlarmList.AlarmsMax; i++)
        {
            node.Run(new Command.SetAlarm(new Alarm(AlarmKind.NoSpace, new NodeId(i)), true));
        }

        var last = node.Run(new Command.SetAlarm(new Alarm(AlarmKind.NoSpace, new NodeId(-1)), true));

        Assert.Equal(RejectionCode.AlarmLimit, Refusal(last));
    }

    private static LoneReplica Elected()
    {
        var node = new LoneReplica();
        node.Elect();
        return node;
    }

    private static Command.SetAlarm Raise(AlarmKind kind) => new(new Alarm(kind, new NodeId(7)), true);

    private static bool Changed(OperationResult result) => Assert.IsType<OperationResult.AlarmSet>(result).Changed;

    private static RejectionCode Refusal(OperationResult result) =>
        result is OperationResult.Rejected rejected ? rejected.Rejection.Code : RejectionCode.None;
}

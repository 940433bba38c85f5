using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

/// <summary>Followers whose next entry has left the leader's memory, and the snapshots that help them.</summary>
public sealed class InstallTests
{
    private static readonly ReplicaConfig SmallWindow = new() { WindowEntries = 2, SnapshotBytesMin = 1 << 30 };

    [Fact]
    public void Who_is_too_far_behind_gets_a_snapshot_made_for_it_and_goes_on_from_there()
    {
        var group = new ReplicaGroup(3, SmallWindow);
        var leader = group.Elect(1);
        var late = group[3];
        group.Isolate(late);
        Write(group, leader, 50);
        group.Isolate(late, false);

        group.TickAll(5);

        Assert.True(Assert.Single(leader.WasUrgent), "somebody waits for it");
        Assert.Equal([late.Id], leader.SnapshotsAskedFor.Select(asked => asked.Peer));
        Assert.Equal("value 49", late.Get("k9"));
        Assert.Equal(leader.Current.View.Revision, late.Current.View.Revision);
        Assert.Single(late.Publications, publication => publication.IsReset);
        var token = late.Put("after", "it");
        group.Settle();
        Assert.IsType<OperationResult.Put>(late.ResultOf(token));
    }

    [Fact]
    public void A_snapshot_that_reaches_into_the_window_is_sent_without_making_another()
    {
        var group = new ReplicaGroup(3, SmallWindow with { SnapshotBytesMin = 3000 });
        var leader = group.Elect(1);
        group.Isolate(group[3]);
        for (var i = 0; i < 1000 && leader.Saved.Count < 3; i++)
        {
            Write(group, leader, 1);
        }

        var saved = leader.Saved.Count;
        Assert.DoesNotContain(true, leader.WasUrgent);
        group.Isolate(group[3], false);
        group.TickAll(5);

        Assert.Equal(saved, leader.Saved.Count);
        Assert.Equal(leader.Current.View.Revision, group[3].Current.View.Revision);
        Assert.True(leader.SnapshotsAskedFor[0].AtLeast <= leader.Saved[^1].Index);
    }

    [Fact]
    public void What_comes_with_it_are_leases_outcomes_and_times()
    {
        var group = new ReplicaGroup(3, SmallWindow);
        var leader = group.Elect(1);
        leader.Submit(new Command.LeaseGrant(new LeaseId(5), 600));
        group.Settle();
        var late = group[3];
        group.Isolate(late);
        leader.Submit(new Command.LeaseRevoke(new LeaseId(5)));
        leader.Submit(new Command.LeaseGrant(new LeaseId(6), 600));
        leader.Submit(new Command.Write(new Operation.Put("once"u8.ToArray(), "x"u8.ToArray())), "the key");
        Write(group, leader, 50);
        group.TickAll(20);
        group.Isolate(late, false);

        group.TickAll(10);

        Ask(late, (machine, _) =>
        {
            Assert.Equal((false, true), (machine.Leases.Contains(new LeaseId(5)), machine.Leases.Contains(new LeaseId(6))));
            Assert.Equal(IdempotencyStatus.Applied, machine.Lookup("", "the key"u8).Status);
        });
        ulong digest = 0;
        Ask(leader, (machine, _) => digest = machine.Store.Digest());
        Ask(late, (machine, _) => Assert.Equal(digest, machine.Store.Digest()));
    }

    /// <summary>A snapshot holds no results, and the entry may be in it or not.</summary>
    [Fact]
    public void Who_waits_for_an_entry_that_a_snapshot_may_hold_is_told_that_it_is_unknown()
    {
        var group = new ReplicaGroup(3, SmallWindow);
        var leader = group.Elect(1);
        var late = group[3];
        group.Hold = message => message.Kind == MessageKind.Append && message.To == late.Id;
        var forwarded = late.Put("mine", "v");
        group.Settle();
        Write(group, leader, 50);
        Assert.Null(late.ResultOf(forwarded));
        Assert.Equal("v", leader.Get("mine"));
        group.Hold = null;

        leader.Handle(ReplicaEvent.PeerLost(late.Id));
        group.TickAll(10);

        Assert.Equal(new OperationResult.Unknown(), late.ResultOf(forwarded));
        Assert.Equal("v", late.Get("mine"));
    }

    [Fact]
    public void A_leader_that_lost_its_suffix_does_not_know_what_became_of_it_either()
    {
        var group = new ReplicaGroup(3, SmallWindow);
        var old = group.Elect(1);
        group.Isolate(old);
        var token = old.Put("lost", "v");
        group.TickAll(30);
        Write(group, group.Leader, 50);
        group.Isolate(old, false);

        group.TickAll(15);

        Assert.Equal(new OperationResult.Unknown(), old.ResultOf(token));
        Assert.Null(old.Get("lost"));
        Assert.Equal(group.Leader.Current.View.Revision, old.Current.View.Revision);
    }

    [Fact]
    public void A_read_that_waits_for_an_entry_in_the_snapshot_is_answered_from_the_new_state()
    {
        var group = new ReplicaGroup(3, SmallWindow);
        var leader = group.Elect(1);
        var late = group[3];
        group.Hold = message => message.Kind == MessageKind.Append && message.To == late.Id;
        Write(group, leader, 50);
        late.Handle(ReplicaEvent.Read("read"));
        group.Settle();
        Assert.Empty(late.Completions);
        group.Hold = null;

        leader.Handle(ReplicaEvent.PeerLost(late.Id));
        group.TickAll(10);

        Assert.False(late.Completions["read"].ReadRefused);
        Assert.Equal("value 49", late.Get("k9"));
    }

    [Fact]
    public void A_snapshot_that_the_log_has_overtaken_is_dropped()
    {
        var group = new ReplicaGroup(3, SmallWindow with { WindowEntries = 1000 });
        var leader = group.Elect(1);
        Write(group, leader, 5);
        var machine = new KvStateMachine(new MachineOptions());
        machine.Apply(1, default);

        group[2].Handle(ReplicaEvent.SnapshotArrived(
            new SnapshotMark(new LogIndex(1), new Term(1), leader.Current.Raft.Membership), machine));

        Assert.DoesNotContain(group[2].Publications, publication => publication.IsReset);
        Assert.Equal("value 4", group[2].Get("k4"));
    }

    [Fact]
    public void A_follower_that_took_a_snapshot_recovers_from_it()
    {
        var group = new ReplicaGroup(3, SmallWindow);
        var leader = group.Elect(1);
        group.Isolate(group[3]);
        Write(group, leader, 50);
        group.Isolate(group[3], false);
        group.TickAll(5);
        Write(group, leader, 3);

        group[3].Crash();
        group.TickAll(5);

        Assert.Equal(leader.Current.View.Revision, group[3].Current.View.Revision);
        Assert.Equal("value 49", group[3].Get("k9"));
    }

    [Fact]
    public void A_transfer_that_fails_is_tried_again_and_holds_nobody_up()
    {
        var group = new ReplicaGroup(3, SmallWindow) { SendsSnapshots = false };
        var leader = group.Elect(1);
        group.Isolate(group[3]);
        Write(group, leader, 50);
        group.Isolate(group[3], false);
        group.TickAll(5);
        Assert.Single(leader.SnapshotsAskedFor);

        leader.Handle(ReplicaEvent.SnapshotSent(group[3].Id, delivered: false));
        group.TickAll(5);
        Assert.Equal(2, leader.SnapshotsAskedFor.Count);
        Assert.Equal(group[2].Current.View.Revision, leader.Current.View.Revision);

        group.SendsSnapshots = true;
        group.TickAll(5);
        Assert.Equal(leader.Current.View.Revision, group[3].Current.View.Revision);
    }

    /// <summary>Otherwise each snapshot would be too old when it arrives, for ever.</summary>
    [Fact]
    public void While_a_snapshot_travels_the_window_keeps_what_comes_after_it()
    {
        var group = new ReplicaGroup(3, SmallWindow with { WindowEntries = 20 }) { SendsSnapshots = false };
        var leader = group.Elect(1);
        group.Isolate(group[3]);
        Write(group, leader, 100);
        group.Isolate(group[3], false);
        group.TickAll(5);

        Write(group, leader, 60);
        leader.HandleTogether(ReplicaEvent.NoSpace(true), ReplicaEvent.NoSpace(false));
        group.Settle();
        Assert.Equal(2, leader.Saved.Count);
        Write(group, leader, 1);
        group.SendsSnapshots = true;
        group.TickAll(5);

        Assert.Single(leader.SnapshotsAskedFor);
        Assert.Equal(leader.Current.View.Revision, group[3].Current.View.Revision);
    }

    private static void Write(ReplicaGroup group, GroupMember member, int count)
    {
        for (var i = 0; i < count; i++)
        {
            member.Put($"k{i % 10}", $"value {i}");
            group.Settle();
        }
    }

    private static void Ask(GroupMember member, Action<KvStateMachine, Moment> question) =>
        member.Handle(ReplicaEvent.Query(question));
}

using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Core.Replication;

namespace RestKv.Core.Tests.Replication;

/// <summary>Leases when leaders change: nobody but a leader keeps time, nothing ends early, and it ends late by a bound.</summary>
public sealed class LeaseFailoverTests
{
    /// <summary>The log learns the time so often; a leader that is lost takes that much with it at most.</summary>
    private const int TimeStepMs = 500;

    /// <summary>One tick until the leader looks, and one until the others have heard of what it did.</summary>
    private const int LookMs = 200;

    [Fact]
    public void The_time_left_survives_a_leader_and_what_is_lost_of_it_is_bounded()
    {
        var group = new ReplicaGroup(3);
        var lease = Grant(group, group.Elect(1), 60);
        var granted = group.Now.MonotonicMs;
        group.TickAll(500);
        group.Isolate(group[1]);
        var lost = group.Now.MonotonicMs;
        group.ElectWithout(group[1]);
        var leaderlessMs = group.Now.MonotonicMs - lost;

        while (group.Now.MonotonicMs < granted + 60_000)
        {
            Assert.True(Holds(group[2], lease), $"ended {group.Now.MonotonicMs - granted} ms after it was granted");
            group.TickAll();
        }

        while (Holds(group[2], lease))
        {
            Assert.True(
                group.Now.MonotonicMs < granted + 60_000 + leaderlessMs + TimeStepMs + LookMs,
                $"still there {group.Now.MonotonicMs - granted} ms after it was granted, {leaderlessMs} ms without a leader");
            group.TickAll();
        }
    }

    [Fact]
    public void A_leader_that_is_cut_off_or_was_asleep_revokes_nothing()
    {
        var group = new ReplicaGroup(3);
        var old = group.Elect(1);
        var lease = Grant(group, old, 5);
        group.TickAll(10);
        group.Isolate(old);
        group.ElectWithout(old);
        for (var i = 0; i < 100; i++)
        {
            Renew(group, group[2], lease);
            group.Tick(group[2]);
            group.Tick(group[3]);
        }

        // It has slept: by its clock the lease is long over, and it still takes itself for the leader.
        Assert.True(Holds(old, lease));
        Assert.Equal("v", old.Get("k"));
        old.Handle(ReplicaEvent.Tick());
        Assert.True(Holds(old, lease));
        group.Isolate(old, false);
        group.TickAll(5);

        Assert.All(group.Members, member => Assert.True(Holds(member, lease)));
        Assert.All(group.Members, member => Assert.Equal("v", member.Get("k")));
    }

    [Fact]
    public void A_sleeping_leader_that_wakes_before_there_is_another_ends_only_what_is_over()
    {
        var group = new ReplicaGroup(3);
        var leader = group.Elect(1);
        var shorter = Grant(group, leader, 5);
        var longer = Grant(group, leader, 60);

        // All slept, as a suspended machine with all its members does.
        group.Pass(20_000);
        group.TickAll(3);

        Assert.Equal(leader, group.Leader);
        Assert.False(Holds(leader, shorter));
        Assert.True(Holds(leader, longer));
    }

    [Fact]
    public void Followers_and_candidates_keep_no_time()
    {
        var group = new ReplicaGroup(3);
        var lease = Grant(group, group.Elect(1), 5);
        group.Isolate(group[1]);
        group.Isolate(group[2]);
        group.Isolate(group[3]);

        group.TickAll(200);

        Assert.All(group.Members, member => Assert.True(Holds(member, lease)));
        Assert.DoesNotContain(group.Members, member => member.Replica.IsSettledLeader);
    }

    [Fact]
    public void Many_changes_of_leaders_end_nothing_early_and_add_up_to_no_more_than_the_bound_each()
    {
        var group = new ReplicaGroup(3);
        var lease = Grant(group, group.Elect(1), 30);
        var granted = group.Now.MonotonicMs;
        var lateMs = (long)LookMs;
        for (var change = 0; Holds(group[1], lease) && change < 100; change++)
        {
            group.TickAll(20);
            var before = group.Now.MonotonicMs;
            var next = group[1 + ((change + 1) % 3)];
            group.Leader.Handle(ReplicaEvent.TransferLeadership(next.Id));
            group.Settle();
            for (var i = 0; i < 30 && group.Members.All(member => !member.Replica.IsSettledLeader); i++)
            {
                group.TickAll();
            }

            lateMs += TimeStepMs + (group.Now.MonotonicMs - before);
            Assert.True(Holds(group[1], lease) || group.Now.MonotonicMs >= granted + 30_000, "it ended early");
        }

        var endedAfterMs = group.Now.MonotonicMs - granted;
        Assert.False(Holds(group[1], lease));

        // It was looked at every two seconds.
        Assert.InRange(endedAfterMs, 30_000, 30_000 + lateMs + 2_000);
    }

    private static LeaseId Grant(ReplicaGroup group, GroupMember leader, long ttlSeconds)
    {
        var granted = leader.Submit(new Command.LeaseGrant(LeaseId.None, ttlSeconds));
        group.Settle();
        var lease = Assert.IsType<OperationResult.LeaseGranted>(leader.ResultOf(granted)).Id;
        leader.Submit(new Command.Write(new Operation.Put("k"u8.ToArray(), "v"u8.ToArray()) { Lease = lease }));
        group.Settle();
        group.TickAll();
        return lease;
    }

    private static void Renew(ReplicaGroup group, GroupMember member, LeaseId lease)
    {
        member.Handle(ReplicaEvent.Renew(new object(), [lease]));
        group.Settle();
    }

    private static bool Holds(GroupMember member, LeaseId lease)
    {
        var holds = false;
        member.Handle(ReplicaEvent.Query((machine, _) => holds = machine.Leases.Contains(lease)));
        return holds;
    }
}

using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests.Paper;

/// <summary>Section 7: compaction, installed snapshots, and what recovery makes of a crash in the middle.</summary>
public sealed class Section7Snapshots
{
    [Fact]
    public void Follower_behind_the_window_asks_for_a_snapshot_once()
    {
        var group = Behind();

        group.Tick(5);

        Assert.Equal([Group.Node(3)], group[1].SnapshotsWanted);
    }

    [Fact]
    public void Follower_goes_on_from_the_snapshot()
    {
        var group = Behind();
        group.Tick(2);

        Assert.True(group[3].InstallSnapshot(group[1]));
        group[1].Core.SnapshotOutcome(Group.Node(3), delivered: true);
        group.Propose(1, "after");
        group.Tick(2);

        Assert.Equal(group[1].Commands, group[3].Commands);
        Assert.Equal("after", group[3].Commands.Last());
    }

    [Fact]
    public void Answer_to_a_snapshot_waits_until_the_log_on_disk_has_restarted()
    {
        var group = Behind();
        group.Tick(2);
        group[3].InstallSnapshot(group[1]);

        var ready = group[3].Collect();

        Assert.Equal(group[1].Disk.Snapshot, ready.Snapshot);
        Assert.True(ready.NeedsFlush);
        Assert.Equal(MessageKind.SnapshotReply, Assert.Single(ready.SendAfterPersist).Kind);
    }

    [Fact]
    public void Snapshot_of_what_the_log_holds_is_not_wanted()
    {
        var group = Group.Led(3);
        group.Propose(1, "a");
        group.Settle();
        group[1].TakeSnapshot(tail: 0);

        Assert.False(group[2].Core.WantsSnapshot(group[1].Disk.Snapshot));
        Assert.Throws<InvariantException>(() => group[2].Core.SnapshotInstalled(group[1].Disk.Snapshot));
    }

    [Fact]
    public void Snapshot_up_to_an_entry_that_is_held_but_not_known_committed_is_not_wanted()
    {
        // Dropping the log for it would take back acknowledgements.
        var group = Group.Led(3);
        group.Propose(1, "a");
        group.Collect();
        group.Deliver(message => message.To == Group.Node(2));
        var mark = new SnapshotMark(new LogIndex(2), new Term(1), group[2].Core.Membership);

        Assert.False(group[2].Core.WantsSnapshot(mark));
        Assert.True(group[3].Core.WantsSnapshot(mark));
    }

    [Fact]
    public void Tail_kept_behind_a_snapshot_serves_slow_followers()
    {
        var group = Group.Led(3);
        group.Isolate(3);
        foreach (var text in new[] { "a", "b", "c", "d" })
        {
            group.Propose(1, text);
        }

        group.Settle();
        group[1].TakeSnapshot(tail: 5);
        group.Heal();
        group.Tick(3);

        Assert.Empty(group[1].SnapshotsWanted);
        Assert.Equal(["a", "b", "c", "d"], group[3].Commands);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Member_restarts_from_snapshot_and_tail(int tail)
    {
        var group = Group.Led(1);
        foreach (var text in new[] { "a", "b", "c", "d" })
        {
            group.Propose(1, text);
        }

        group.Settle();
        group[1].TakeSnapshot(tail);
        group.Propose(1, "e");
        group.Settle();
        group.Forget(1);
        group.Tick(1);

        Assert.True(group[1].IsLeader);
        Assert.Equal(["a", "b", "c", "d", "e"], group[1].Commands);
    }

    [Fact]
    public void Crash_between_snapshot_and_log_restart_forgets_the_stale_suffix_for_good()
    {
        // The snapshot file is durable, the batch that restarts the log is not, and the log holds an overtaken suffix.
        var stale = Enumerable.Range(1, 9).Select(index => Command(index, 1)).ToArray();
        var membership = new Group(3).MembershipOf([1, 2, 3], []);
        var snapshot = new SnapshotMark(new LogIndex(5), new Term(3), membership);
        var image = new RaftImage(Group.Node(1), new HardState(new Term(2), Group.Node(2), new LogIndex(0)), snapshot, stale);

        var core = RaftCore.Restore(new RaftConfig(), image, 1);
        var ready = new Ready();
        core.CollectReady(ready);

        Assert.Equal(snapshot, ready.Snapshot);
        Assert.Equal(new HardState(new Term(3), NodeId.None, snapshot.Index), ready.HardState);
        Assert.Empty(ready.Entries);
        Assert.Equal(snapshot.Index, core.Log.Last);
    }

    [Fact]
    public void Log_that_ends_before_the_snapshot_is_replaced_by_it()
    {
        var membership = new Group(3).MembershipOf([1, 2, 3], []);
        var snapshot = new SnapshotMark(new LogIndex(5), new Term(1), membership);
        var image = new RaftImage(
            Group.Node(1), new HardState(new Term(1), NodeId.None, LogIndex.Zero), snapshot, [Command(1, 1), Command(2, 1)]);

        var core = RaftCore.Restore(new RaftConfig(), image, 1);
        var ready = new Ready();
        core.CollectReady(ready);

        Assert.Equal(snapshot, ready.Snapshot);
        Assert.Equal((snapshot.Index, snapshot.Index), (core.Log.Last, core.Committed));
    }

    [Fact]
    public void Hint_of_the_commit_index_lets_a_restarted_member_apply_at_once()
    {
        var group = Group.Led(3);
        group.Propose(1, "a");
        group.Settle();
        group.Propose(1, "b");
        group.Settle();

        group.Forget(2);
        group.Collect();

        Assert.Equal(["a"], group[2].Commands);
    }

    private static Entry Command(int index, int term) =>
        new(new LogIndex(index), new Term(term), EntryKind.Command, Group.Bytes("x"));

    /// <summary>Member 3 lacks entries that the leader has only in a snapshot.</summary>
    private static Group Behind()
    {
        var group = Group.Led(3);
        group.Isolate(3);
        foreach (var text in new[] { "a", "b", "c" })
        {
            group.Propose(1, text);
        }

        group.Settle();
        group[1].TakeSnapshot(tail: 0);
        group.Heal();
        return group;
    }
}

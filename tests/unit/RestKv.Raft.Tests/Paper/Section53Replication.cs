using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests.Paper;

/// <summary>Section 5.3: log replication.</summary>
public sealed class Section53Replication
{
    [Fact]
    public void Commands_reach_every_machine_in_order()
    {
        var group = Group.Led(3);

        foreach (var text in new[] { "a", "b", "c" })
        {
            group.Propose(1, text);
        }

        group.Settle();

        Assert.All(group.Members.Values, member => Assert.Equal(["a", "b", "c"], member.Commands));
    }

    [Fact]
    public void Proposals_between_two_collections_share_one_message_a_follower()
    {
        var group = Group.Led(3);
        for (var i = 0; i < 100; i++)
        {
            group.Propose(1, "x");
        }

        var ready = group[1].Collect();

        Assert.Equal(100, ready.Entries.Count);
        Assert.Equal(2, ready.SendNow.Count);
        Assert.All(ready.SendNow, message => Assert.Equal(100, message.Entries!.Count));
        Assert.Same(ready.SendNow[0].Entries, ready.SendNow[1].Entries);
    }

    [Fact]
    public void Follower_refuses_what_does_not_follow_its_log_and_hints()
    {
        var group = Group.Led(3);
        group.Propose(1, "a");
        group.Settle();

        group[2].Core.Step(Group.From(1, 2, MessageKind.Append, term: 1) with { Index = new LogIndex(9), LogTerm = new Term(1) });
        var reply = Assert.Single(group[2].Collect().SendNow);

        Assert.True(reply.Reject);
        Assert.Equal((new LogIndex(9), new LogIndex(2), new Term(1)), (reply.Index, reply.HintIndex, reply.HintTerm));
    }

    [Fact]
    public void Acknowledgement_waits_for_the_followers_disk()
    {
        var group = Group.Led(3);
        group.Propose(1, "a");
        group.Collect();
        group.Deliver();

        var ready = group[2].Collect();

        Assert.True(ready.NeedsFlush);
        Assert.DoesNotContain(ready.SendNow, message => message.Kind == MessageKind.AppendReply);
        var reply = Assert.Single(ready.SendAfterPersist);
        Assert.Equal((false, ready.Mark.Index), (reply.Reject, reply.Index));
    }

    [Fact]
    public void Repeated_append_waits_for_the_same_disk_and_then_changes_nothing()
    {
        var group = Group.Led(3);
        group.Propose(1, "a");
        group.Collect();
        var append = group.Network.Single(message => message.To == Group.Node(2));

        group[2].Core.Step(append);
        var first = group[2].Collect().Mark;
        group[2].Core.Step(append);
        var second = group[2].Collect();

        Assert.False(second.NeedsFlush);
        Assert.Equal(first, second.Mark);
        Assert.Single(second.SendAfterPersist);
        group[2].Flush();
        group[2].Core.Step(append);
        Assert.Single(group[2].Collect().SendNow);
    }

    [Fact]
    public void Old_append_never_truncates_what_came_after_it()
    {
        var group = Group.Led(3);
        group.Propose(1, "a");
        group.Collect();
        var old = group.Network.Single(message => message.To == Group.Node(2));
        group.Propose(1, "b");
        group.Settle();

        group[2].Core.Step(old);

        Assert.Equal(new LogIndex(3), group[2].Core.Log.Last);
    }

    [Fact]
    public void Append_messages_keep_to_entries_and_bytes_but_one_entry_always_goes()
    {
        var group = Group.Led(3, new RaftConfig { AppendEntriesMax = 3, AppendBytesMax = 10 });
        foreach (var text in new[] { "1", "2", "3", "4", new string('x', 50), "12345", "12345", "1" })
        {
            group.Propose(1, text);
        }

        var lengths = group[1].Collect().SendNow
            .Where(message => message.To == Group.Node(2))
            .Select(message => message.Entries!.Count);

        Assert.Equal([3, 1, 1, 2, 1], lengths);
    }

    [Fact]
    public void Leader_with_followers_silent_holds_a_bounded_number_of_messages_in_flight()
    {
        var group = Group.Led(3, new RaftConfig { AppendEntriesMax = 1, InflightMessagesMax = 4 });
        var sent = 0;
        for (var i = 0; i < 50; i++)
        {
            group.Propose(1, "x");
            sent += group[1].Collect().SendNow.Count(message => message.To == Group.Node(2));
        }

        Assert.Equal(4, sent);
    }

    [Fact]
    public void Uncommitted_bytes_are_bounded_and_free_up_with_commits()
    {
        var group = Group.Led(1, new RaftConfig { UncommittedBytesMax = 1000 });
        var accepted = 0;
        while (group[1].Core.Propose(new byte[100]).Verdict == ProposeVerdict.Accepted)
        {
            accepted++;
        }

        Assert.Equal(6, accepted);
        group.Settle();
        Assert.Equal(ProposeVerdict.Accepted, group[1].Core.Propose(new byte[5000]).Verdict);
        Assert.Equal(ProposeVerdict.Busy, group[1].Core.Propose(default).Verdict);
    }

    [Fact]
    public void Lost_messages_are_made_good_without_new_proposals()
    {
        var group = Group.Led(3);
        group.Propose(1, "a");
        group.Collect();
        group.Network.Clear();

        group.Tick(2);

        Assert.All(group.Members.Values, member => Assert.Equal(["a"], member.Commands));
    }

    [Fact]
    public void Heartbeat_carries_no_commit_beyond_what_the_follower_holds()
    {
        var group = Group.Led(3);
        group.Isolate(3);
        group.Propose(1, "a");
        group.Settle();

        group[1].Core.Tick();
        var heartbeats = group[1].Collect().SendNow;

        Assert.Equal(new LogIndex(2), heartbeats.Single(message => message.To == Group.Node(2)).Commit);
        Assert.Equal(new LogIndex(1), heartbeats.Single(message => message.To == Group.Node(3)).Commit);
    }

    [Fact]
    public void Follower_commits_no_further_than_an_append_reaches()
    {
        // What it holds beyond may be of another leader.
        var group = Group.Led(3);
        group.Isolate(3);
        group.Propose(1, "a");
        group.Propose(1, "b");
        group.Collect();
        group.Deliver();

        group[2].Core.Step(Group.From(1, 2, MessageKind.Append, term: 1) with
        {
            Index = new LogIndex(2),
            LogTerm = new Term(1),
            Commit = new LogIndex(3),
        });

        Assert.Equal(new LogIndex(2), group[2].Core.Committed);
        Assert.Equal(new LogIndex(3), group[2].Core.Log.Last);
    }

    [Fact]
    public void Follower_far_behind_with_another_history_is_brought_into_line_in_few_rounds()
    {
        var group = Group.Led(3);
        group.Isolate(1);
        for (var i = 0; i < 100; i++)
        {
            group.Propose(1, $"lost{i}");
        }

        group.Settle();
        group.Forget(2);
        group.Forget(3);
        group.Elect(2);
        for (var i = 0; i < 100; i++)
        {
            group.Propose(2, $"kept{i}");
        }

        group.Settle();
        group.Heal();
        var appends = 0;
        group.Collected = member => appends += member.Ready.SendNow.Count(message =>
            message.Kind == MessageKind.Append && message.To == Group.Node(1));
        group.Tick(3);

        Assert.Equal(group[2].Commands, group[1].Commands);
        Assert.True(appends <= 6, $"{appends} appends");
    }
}

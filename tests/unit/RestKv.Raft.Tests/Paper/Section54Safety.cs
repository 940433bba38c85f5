using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests.Paper;

/// <summary>Section 5.4: what makes a leader complete and a commit final.</summary>
public sealed class Section54Safety
{
    [Theory]
    [InlineData(3, 2, true)]
    [InlineData(4, 2, true)]
    [InlineData(1, 3, true)]
    [InlineData(2, 2, false)]
    [InlineData(9, 1, false)]
    [InlineData(0, 0, false)]
    public void Voter_with_three_entries_the_last_of_term_two_votes_for_logs_that_reach_as_far(int last, int term, bool granted)
    {
        var member = WithLog(1, 1, 2);

        member.Core.Step(Group.From(2, 1, MessageKind.Vote, term: 5) with { Index = new LogIndex(last), LogTerm = new Term(term) });
        member.Collect();

        Assert.Equal(!granted, member.Ready.SendAfterPersist.Single().Reject);
    }

    [Fact]
    public void Leader_counts_itself_only_when_its_own_disk_has_spoken()
    {
        var group = Group.Led(3);
        group.Isolate(3);
        var index = group.Propose(1, "a");
        group.Collect();
        group.Deliver();
        group.Collect();
        group[2].Flush();
        group.Deliver();
        Assert.True(group[1].Core.Committed < index);

        group[1].Flush();

        Assert.Equal(index, group[1].Core.Committed);
    }

    [Fact]
    public void Majority_of_followers_commits_without_the_leaders_disk_but_the_leader_applies_later()
    {
        var group = Group.Led(3);
        var index = group.Propose(1, "a");
        group.Collect();
        group.Deliver();
        group.Collect();
        group[2].Flush();
        group[3].Flush();
        group.Deliver();
        group.Collect();

        Assert.Equal(index, group[1].Core.Committed);
        Assert.Empty(group[1].Commands);
        group[1].Flush();
        group.Collect();
        Assert.Equal(["a"], group[1].Commands);
    }

    [Fact]
    public void Entries_of_old_terms_wait_for_one_of_the_new_term()
    {
        var group = new Group(3);
        group.Members.Remove(Group.Node(1));
        var old = new Entry(new LogIndex(1), new Term(1), EntryKind.Command, Group.Bytes("old"));
        var candidate = new Member(Group.Node(1), new RaftConfig(), SnapshotMark.Origin(group[2].Core.Membership), 9, group.Network);
        candidate.Core.Step(Group.From(2, 1, MessageKind.Append, term: 1) with { Entries = [old] });
        candidate.Collect();
        candidate.FlushAll();
        group.Network.Clear();
        group.Members.Add(candidate.Id, candidate);
        group.Campaign(1);
        while (!candidate.IsLeader)
        {
            group.Collect();
            group.FlushAll();
            group.Deliver();
        }

        // A follower says that it holds the old entry, and nothing of ours.
        candidate.Core.Step(Group.From(2, 1, MessageKind.AppendReply, (int)candidate.Core.Term.Value) with { Index = old.Index });
        Assert.Equal(LogIndex.Zero, candidate.Core.Committed);

        group.Isolate(2);
        group.Settle();
        Assert.Equal(new LogIndex(2), candidate.Core.Committed);
    }

    [Fact]
    public void Acknowledgements_of_entries_that_do_not_exist_count_for_nothing()
    {
        var group = Group.Led(3);

        group[1].Core.Step(Group.From(2, 1, MessageKind.AppendReply, term: 1) with { Index = new LogIndex(99) });
        group[1].Core.Step(Group.From(9, 1, MessageKind.AppendReply, term: 1) with { Index = new LogIndex(1) });

        Assert.Equal(new LogIndex(1), group[1].Core.Committed);
    }

    [Fact]
    public void Learners_hold_the_log_but_do_not_count()
    {
        var group = new Group([1, 2, 3], [4, 5]);
        group.Elect(1);
        group.Isolate(2);
        group.Isolate(3);

        group.Propose(1, "a");
        group.Settle();

        Assert.Equal(new LogIndex(1), group[1].Core.Committed);
        Assert.Equal(new LogIndex(2), group[4].Core.Log.Last);
    }

    [Fact]
    public void Learner_never_campaigns_but_votes_when_asked()
    {
        var group = new Group([1, 2], [3]);
        for (var tick = 0; tick < 50; tick++)
        {
            group[3].Core.Tick();
        }

        Assert.Equal(RaftRole.Learner, group[3].Core.Role);
        group[3].Core.Step(Group.From(1, 3, MessageKind.Vote, term: 1));
        group[3].Collect();
        Assert.False(group[3].Ready.SendAfterPersist.Single().Reject);
    }

    [Fact]
    public void Batch_confirmations_may_skip_numbers_and_come_twice()
    {
        var group = Group.Led(1);
        group.Propose(1, "a");
        group.Collect();
        var first = group[1].Ready.Mark;
        group.Propose(1, "b");
        group.Collect();
        var second = group[1].Ready.Mark;

        group[1].Core.Persisted(second);
        group[1].Core.Persisted(first);
        group[1].Core.Persisted(second);

        Assert.Equal(second.Index, group[1].Core.Committed);
        Assert.Equal(first.Sequence + 1, second.Sequence);
        Assert.Throws<InvariantException>(() => group[1].Core.Persisted(second with { Sequence = second.Sequence + 1 }));
    }

    private static Member WithLog(params int[] terms)
    {
        var member = new Member(
            Group.Node(1), new RaftConfig(), SnapshotMark.Origin(new Group(3).MembershipOf([1, 2, 3], [])), 1, []);
        var entries = terms.Select((term, at) => new Entry(new LogIndex(at + 1), new Term(term), EntryKind.Noop, default));
        member.Core.Step(Group.From(3, 1, MessageKind.Append, terms[^1]) with { Entries = [.. entries] });
        member.Collect();
        member.FlushAll();
        member.Core.PeerLost(Group.Node(3));
        return member;
    }
}

using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests;

/// <summary>
/// A disk that went back is told by what the member promised before; the other half, that no healthy start is ever taken for
/// one, is checked at every crash of <see cref="RandomCluster"/>.
/// </summary>
public sealed class PromisesTests
{
    [Theory]
    [InlineData(MessageKind.VoteReply, 5, 0, 10, "term 7")]
    [InlineData(MessageKind.HeartbeatReply, 6, 0, 10, "term 7")]
    [InlineData(MessageKind.VoteReply, 7, 0, 10, "voted for 1")]
    [InlineData(MessageKind.VoteReply, 7, 3, 10, "voted for 1")]
    [InlineData(MessageKind.Vote, 7, 1, 10, "voted for 2")]
    [InlineData(MessageKind.AppendReply, 7, 0, 8, "index 9")]
    [InlineData(MessageKind.SnapshotReply, 7, 0, 8, "index 9")]
    [InlineData(MessageKind.Heartbeat, 7, 2, 8, "index 9")]
    [InlineData(MessageKind.Append, 7, 2, 8, "index 9")]
    [InlineData(MessageKind.Append, 7, 0, 9, "voted for 2")]
    public void A_disk_that_lacks_a_promise_is_named(MessageKind kind, int term, int vote, int last, string expected)
    {
        var promises = new Promises();
        promises.Note(Said(kind, term: 7, index: 9));

        var missing = promises.MissingFrom(Disk(term, vote, last));

        Assert.Contains(expected, missing ?? "nothing", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MessageKind.VoteReply, 7, 1, 0)]
    [InlineData(MessageKind.VoteReply, 8, 0, 0)]
    [InlineData(MessageKind.Vote, 7, 2, 0)]
    [InlineData(MessageKind.AppendReply, 7, 0, 9)]
    [InlineData(MessageKind.AppendReply, 8, 0, 3)]
    [InlineData(MessageKind.Heartbeat, 7, 2, 9)]
    [InlineData(MessageKind.PreVote, 6, 0, 0)]
    [InlineData(MessageKind.PreVoteReply, 6, 0, 0)]
    [InlineData(MessageKind.Forward, 6, 0, 0)]
    public void A_disk_that_knows_all_that_was_promised_is_good(MessageKind kind, int term, int vote, int last)
    {
        var promises = new Promises();
        promises.Note(Said(kind, term: 7, index: 9));

        Assert.Null(promises.MissingFrom(Disk(term, vote, last)));
    }

    [Fact]
    public void Refusals_promise_a_term_and_nothing_more()
    {
        var promises = new Promises();
        promises.Note(Said(MessageKind.AppendReply, term: 7, index: 9) with { Reject = true });
        promises.Note(Said(MessageKind.VoteReply, term: 7, index: 0) with { Reject = true });

        Assert.Null(promises.MissingFrom(Disk(7, 0, 0)));
        Assert.NotNull(promises.MissingFrom(Disk(6, 0, 99)));
    }

    [Fact]
    public void A_higher_term_takes_the_place_of_a_lower_one_and_late_messages_change_nothing()
    {
        var promises = new Promises();
        promises.Note(Said(MessageKind.AppendReply, term: 7, index: 9));
        promises.Note(Said(MessageKind.AppendReply, term: 8, index: 4));
        promises.Note(Said(MessageKind.AppendReply, term: 7, index: 20));
        promises.Note(Said(MessageKind.AppendReply, term: 8, index: 2));

        Assert.Equal((new Term(8), new LogIndex(4)), (promises.Term, promises.Held));
    }

    [Fact]
    public void A_snapshot_newer_than_the_log_is_what_the_disk_holds()
    {
        var mark = new SnapshotMark(new LogIndex(20), new Term(4), Membership.Empty);
        var old = new Entry(new LogIndex(20), new Term(3), EntryKind.Noop, default);

        Assert.Equal(
            new DiskFacts(new Term(4), NodeId.None, new LogIndex(20)),
            DiskFacts.Of(new RaftImage(Group.Node(1), new HardState(new Term(3), Group.Node(2), default), mark, [])));
        Assert.Equal(
            DiskFacts.Unknown, DiskFacts.Of(new RaftImage(Group.Node(1), default, mark, [old])).Last);
        Assert.Equal(
            new DiskFacts(new Term(5), Group.Node(2), new LogIndex(21)),
            DiskFacts.Of(new RaftImage(
                Group.Node(1), new HardState(new Term(5), Group.Node(2), default), mark,
                [old with { Index = new LogIndex(21), Term = new Term(4) }])));
    }

    private static DiskFacts Disk(int term, int vote, int last) => new(new Term(term), new NodeId(vote), new LogIndex(last));

    private static Message Said(MessageKind kind, int term, int index) => Group.From(2, 1, kind, term) with
    {
        Index = new LogIndex(index),
        Held = kind is MessageKind.Append or MessageKind.Heartbeat ? new LogIndex(9) : LogIndex.Zero,
    };
}

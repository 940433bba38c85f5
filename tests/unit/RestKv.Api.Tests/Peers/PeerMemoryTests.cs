using RestKv.Api.Peers;
using RestKv.Core.Members;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Api.Tests.Peers;

/// <summary>Which start of a member is let in: the same directory with all it ever promised, and nothing else.</summary>
public sealed class PeerMemoryTests
{
    private static readonly NodeId One = new(1);
    private readonly List<ReplicaEvent> _told = [];

    [Fact]
    public void A_restart_with_the_same_disk_is_let_in_and_so_are_all_its_streams()
    {
        var memory = new PeerMemory();
        var first = Start(1, life: 11);
        LetIn(memory, first);
        LetIn(memory, first with { Purpose = PeerPurpose.Bulk });
        memory.Note(first, Ack(term: 2, index: 40));

        LetIn(memory, Start(2, life: 22, term: 2, last: 40));
        LetIn(memory, first with { Incarnation = 2, Life = 22, Purpose = PeerPurpose.Snapshot });
        Assert.Empty(_told);
    }

    [Fact]
    public void A_directory_that_is_another_is_refused_before_the_cluster_has_listed_it()
    {
        var memory = new PeerMemory();
        LetIn(memory, Start(1, life: 11));

        var refusal = Refuse(memory, Start(1, life: 12) with { StoreId = 6 });

        Assert.Equal(PeerRefusalKind.Wiped, refusal.Kind);
        Assert.Contains("member 1 has another data directory than the cluster knows", refusal.Reason, StringComparison.Ordinal);
        Assert.Contains("/v1/members/1/replace", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_is_another_than_the_listed_one_is_refused()
    {
        var memory = new PeerMemory();
        memory.Learn(MemberList.Of([new Member(One, "n1", [], [], MemberRole.Voter, 5, NodeId.None)], []));

        Assert.Equal(PeerRefusalKind.Wiped, Refuse(memory, Start(1, life: 12) with { StoreId = 6 }).Kind);
        LetIn(memory, Start(1, life: 13));
    }

    [Theory]
    [InlineData(1, 99, 2, 90)]
    [InlineData(2, 99, 2, 90)]
    [InlineData(3, 99, 2, 90)]
    [InlineData(3, 99, 3, 39)]
    public void An_older_image_is_told_by_what_this_member_heard(int incarnation, int life, int term, int last)
    {
        var memory = new PeerMemory();
        var before = Start(2, life: 22);
        LetIn(memory, before);
        memory.Note(before, Ack(term: 3, index: 40));

        var refusal = Refuse(memory, Start(incarnation, life, term, last));

        Assert.Equal(PeerRefusalKind.RolledBack, refusal.Kind);
        Assert.Contains("member 1 has an older image of its data directory (", refusal.Reason, StringComparison.Ordinal);
        Assert.Contains("/v1/members/1/replace", refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 99, 50, false)]
    [InlineData(2, 99, 50, false)]
    [InlineData(2, 22, 20, true)]
    [InlineData(2, 22, 19, false)]
    [InlineData(3, 99, 29, false)]
    [InlineData(3, 99, 30, true)]
    public void After_a_restart_of_this_member_the_log_tells_which_image_is_older(int incarnation, int life, int last, bool isGood)
    {
        var memory = new PeerMemory(new Dictionary<NodeId, MemberEvidence> { [One] = new(5, 2, 22, new HeldLog(2, 30, 20)) });

        var refusal = memory.Judge(Start(incarnation, life, term: 9, last), _told.Add);

        Assert.Equal(isGood, refusal is null);
    }

    [Fact]
    public void Consensus_hears_of_the_loss_when_nothing_of_the_old_start_speaks_any_more()
    {
        var memory = new PeerMemory();
        var real = Start(2, life: 22);
        LetIn(memory, real);
        memory.Opened(real, _told.Add);
        memory.Note(real, Ack(term: 3, index: 40));

        Refuse(memory, Start(2, life: 11));
        Assert.Empty(_told);

        memory.Closed(real, _told.Add);
        Assert.Equal(ReplicaEventKind.PeerForgot, Assert.Single(_told).Kind);
        Refuse(memory, Start(2, life: 11));
        Assert.Single(_told);
    }

    [Fact]
    public void The_start_that_was_let_in_counts_again_when_it_comes_back_after_a_copy_was_turned_away()
    {
        var memory = new PeerMemory();
        var real = Start(2, life: 22);
        LetIn(memory, real);
        memory.Opened(real, _told.Add);
        memory.Note(real, Ack(term: 3, index: 40));
        Refuse(memory, Start(2, life: 11));

        memory.Closed(real, _told.Add);
        LetIn(memory, real);

        Assert.Equal([ReplicaEventKind.PeerForgot, ReplicaEventKind.PeerRemembered], _told.Select(e => e.Kind));
        memory.Opened(real, _told.Add);
        memory.Closed(real, _told.Add);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void A_stream_that_was_let_in_before_a_copy_came_counts_when_it_begins()
    {
        var memory = new PeerMemory();
        var real = Start(2, life: 22);
        LetIn(memory, real);
        memory.Note(real, Ack(term: 3, index: 40));
        Refuse(memory, Start(2, life: 11));

        memory.Opened(real, _told.Add);

        Assert.Equal([ReplicaEventKind.PeerForgot, ReplicaEventKind.PeerRemembered], _told.Select(e => e.Kind));
    }

    [Fact]
    public void A_start_that_another_one_has_followed_is_turned_away_without_being_called_lost()
    {
        var memory = new PeerMemory();
        var real = Start(1, life: 11);
        LetIn(memory, real);
        memory.Note(real, Ack(term: 4, index: 40));

        // A copy of the directory as it is now; the real one still runs and is judged by nothing it has promised since its start.
        LetIn(memory, Start(2, life: 22, term: 4, last: 40));
        var refusal = memory.Judge(real, _told.Add);

        Assert.NotNull(refusal);
        Assert.False(refusal.IsLoss);
        Assert.Contains("another start of member 1 has followed", refusal.Reason, StringComparison.Ordinal);
        Assert.Empty(_told);
        LetIn(memory, Start(2, life: 33, term: 4, last: 40));
    }

    [Fact]
    public void The_real_directory_is_welcome_again_and_counts_again()
    {
        var memory = new PeerMemory();
        var real = Start(2, life: 22);
        LetIn(memory, real);
        memory.Note(real, Ack(term: 3, index: 40));
        Refuse(memory, Start(3, life: 11));

        LetIn(memory, Start(3, life: 33, term: 3, last: 40));

        Assert.Equal([ReplicaEventKind.PeerForgot, ReplicaEventKind.PeerRemembered], _told.Select(e => e.Kind));
    }

    [Fact]
    public void An_image_that_another_member_turned_away_does_not_stand_in_the_way_of_the_real_directory()
    {
        var memory = new PeerMemory();
        LetIn(memory, Start(1, life: 11));

        // This member has heard of nothing that it lacks; who has tells it, and it never takes part.
        LetIn(memory, Start(2, life: 12));

        LetIn(memory, Start(2, life: 13));
    }

    [Fact]
    public void What_comes_late_of_an_earlier_start_counts_for_nothing()
    {
        var memory = new PeerMemory();
        var first = Start(1, life: 11);
        LetIn(memory, first);
        LetIn(memory, Start(2, life: 22, term: 1, last: 5));

        Assert.False(memory.Note(first, Ack(term: 8, index: 80)));

        LetIn(memory, Start(3, life: 33, term: 1, last: 5));
    }

    private static PeerHello Start(int incarnation, int life, int term = 1, int last = 0) => new(
        PeerPurpose.Urgent, new ClusterId(0xC), One, new NodeId(2), 5, incarnation, "")
    {
        Life = life,
        Facts = new DiskFacts(new Term(term), NodeId.None, new LogIndex(last)),
    };

    private static Message Ack(int term, int index) => new()
    {
        Kind = MessageKind.AppendReply,
        From = One,
        To = new NodeId(2),
        Term = new Term(term),
        Index = new LogIndex(index),
    };

    private void LetIn(PeerMemory memory, PeerHello hello) => Assert.Null(memory.Judge(hello, _told.Add));

    private PeerRefusal Refuse(PeerMemory memory, PeerHello hello)
    {
        var refusal = memory.Judge(hello, _told.Add);
        Assert.NotNull(refusal);
        Assert.True(refusal.IsLoss);
        return refusal;
    }
}

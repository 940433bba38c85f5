using RestKv.Core.Commands;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

/// <summary>A learner has everything, hands on what it cannot decide, and counts for nothing.</summary>
public sealed class LearnerTests
{
    private const int Learner = 4;

    [Fact]
    public void It_publishes_what_the_voters_wrote_revision_by_revision()
    {
        var group = Led();
        for (var i = 0; i < 5; i++)
        {
            group[1].Put($"k{i}", "v");
            group.TickAll();
        }

        var learner = group[Learner];
        Assert.Equal(group[1].Current.View.Revision, learner.Current.View.Revision);
        Assert.Equal("v", learner.Get("k4"));

        // Watches live on these: none is skipped, and each begins where the one before ended.
        for (var i = 1; i < learner.Publications.Count; i++)
        {
            Assert.Equal(learner.Publications[i - 1].View.Revision, learner.Publications[i].FromRevision);
        }
    }

    [Fact]
    public void It_hands_writes_to_the_leader_and_answers_when_it_has_applied_them()
    {
        var group = Led();

        var token = group[Learner].Put("k", "v");
        Assert.Null(group[Learner].ResultOf(token));
        group.TickAll();

        Assert.IsType<OperationResult.Put>(group[Learner].ResultOf(token));
        Assert.Equal(("v", "v"), (group[Learner].Get("k"), group[3].Get("k")));
    }

    [Fact]
    public void It_answers_a_linearizable_read_by_the_leaders_word_and_refuses_it_without_a_leader()
    {
        var group = Led();
        group[1].Put("k", "v");
        group.Settle();
        var read = new object();
        group[Learner].Handle(ReplicaEvent.Read(read));
        group.TickAll(2);
        Assert.False(group[Learner].Completions[read].ReadRefused);
        Assert.Equal("v", group[Learner].Get("k"));

        group.Isolate(group[Learner]);
        group.TickAll(40);
        var refused = new object();
        group[Learner].Handle(ReplicaEvent.Read(refused));
        group.TickAll(2);
        Assert.True(group[Learner].Completions[refused].ReadRefused);

        // What it has can still be read from it alone.
        Assert.Equal("v", group[Learner].Get("k"));
    }

    [Fact]
    public void It_neither_stands_for_election_nor_counts_for_a_majority()
    {
        var group = Led();
        group.Isolate(group[2]);
        group.Isolate(group[3]);
        var token = group[1].Put("k", "v");
        group.Settle();
        Assert.Null(group[1].ResultOf(token));

        group.TickAll(60);
        Assert.Equal(RaftRole.Learner, group[Learner].Replica.Status.Role);
        Assert.DoesNotContain(group.Members, member => member.Replica.IsSettledLeader);
    }

    private static ReplicaGroup Led()
    {
        var group = new ReplicaGroup(4, learners: 1);
        group.Elect(1);
        return group;
    }
}

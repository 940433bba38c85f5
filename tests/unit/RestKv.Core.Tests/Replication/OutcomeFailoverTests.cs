using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

/// <summary>An idempotency key on any member, before and after any leader: one request, one change.</summary>
public sealed class OutcomeFailoverTests
{
    private static readonly Command Put = new Command.Write(new Operation.Put("k"u8.ToArray(), "v"u8.ToArray()));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_retry_on_any_member_after_the_leader_is_gone_is_answered_and_not_applied_again(int retryOn)
    {
        var group = new ReplicaGroup(3);
        var old = group.Elect(1);
        var first = group[2].Submit(Put, key: "once");
        group.Settle();
        var answer = Assert.IsType<OperationResult.Put>(group[2].ResultOf(first));
        group.Isolate(old);
        group.ElectWithout(old);
        group.Isolate(old, false);
        group.TickAll(5);

        var again = group[retryOn].Submit(Put, key: "once");
        group.TickAll(2);

        var completion = group[retryOn].Completions[again];
        Assert.True(completion.Replayed);
        Assert.Equal(answer.Revision, completion.Result!.Revision);
        Assert.All(group.Members, member => Assert.Equal(2, member.Current.View.Revision));
    }

    [Fact]
    public void A_retry_of_what_was_committed_but_never_answered_learns_that_it_was_applied()
    {
        var group = new ReplicaGroup(3);
        var old = group.Elect(1);

        // The others have the entry on disk; the leader dies before it hears so, and its client hears nothing.
        group.Hold = message => message.Kind == MessageKind.AppendReply;
        var lost = old.Submit(Put, key: "once");
        group.Settle();
        Assert.Null(old.ResultOf(lost));
        group.Isolate(old);
        group.Hold = null;
        group.ElectWithout(old);

        var again = group[3].Submit(Put, key: "once");
        group.TickAll(2);

        Assert.True(group[3].Completions[again].Replayed);
        Assert.Equal(2, group[3].Current.View.Revision);
    }

    [Fact]
    public void A_retry_of_what_was_lost_with_its_leader_is_applied_and_the_lost_one_never_is()
    {
        var group = new ReplicaGroup(3);
        var old = group.Elect(1);
        group.Isolate(old);
        var lost = old.Submit(Put, key: "once");
        group.Settle();
        group.ElectWithout(old);

        var again = group[2].Submit(Put, key: "once");
        group.TickAll(2);
        Assert.False(group[2].Completions[again].Replayed);
        group.Isolate(old, false);
        group.TickAll(10);

        Assert.Equal(new OperationResult.NotApplied(NotAppliedReason.ProposalDropped), old.ResultOf(lost));
        Assert.All(group.Members, member => Assert.Equal(2, member.Current.View.Revision));
    }

    [Fact]
    public void A_request_that_waits_on_its_way_and_its_retry_are_one_in_whatever_order_they_come()
    {
        var group = new ReplicaGroup(3);
        group.Elect(1);
        group.Hold = message => message.Kind == MessageKind.Forward && message.From == new NodeId(2);
        var waits = group[2].Submit(Put, key: "once");
        var again = group[3].Submit(Put, key: "once");
        group.Settle();
        group.Hold = null;
        Assert.False(group[3].Completions[again].Replayed);

        group.Put(Assert.Single(group.Held));
        group.Settle();

        Assert.True(group[2].Completions[waits].Replayed);
        Assert.Equal(group[3].ResultOf(again), group[2].ResultOf(waits));
        Assert.All(group.Members, member => Assert.Equal(2, member.Current.View.Revision));
    }
}

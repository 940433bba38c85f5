using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

/// <summary>Requests that reach a member which does not lead.</summary>
public sealed class ForwardingTests
{
    private static bool IsForward(Message message) => message.Kind == MessageKind.Forward;

    [Fact]
    public void A_follower_answers_when_it_has_applied_the_write_itself()
    {
        var group = new ReplicaGroup(3);
        group.Elect(1);

        var token = group[2].Put("k", "v");
        Assert.Null(group[2].ResultOf(token));
        group.Settle();

        var result = Assert.IsType<OperationResult.Put>(group[2].ResultOf(token));
        Assert.Equal((2, "v"), (result.Revision, group[2].Get("k")));
    }

    [Fact]
    public void Without_a_leader_nothing_is_applied_and_that_is_said_at_once()
    {
        var group = new ReplicaGroup(3);

        var token = group[2].Put("k", "v");

        Assert.Equal(new OperationResult.NotApplied(NotAppliedReason.NoLeader), group[2].ResultOf(token));
    }

    [Fact]
    public void A_copy_of_a_request_is_not_taken_twice()
    {
        var group = new ReplicaGroup(3);
        group.Elect(1);
        group.Hold = IsForward;
        group[2].Put("k", "v");
        group[2].Put("k", "w");
        group.Hold = null;

        group.Put(group.Held[1]);
        group.Put(group.Held[0]);
        group.Put(group.Held[0]);
        group.Put(group.Held[1]);
        group.Settle();

        Assert.Equal((3, "v"), (group[1].Current.View.Revision, group[1].Get("k")));
        Assert.Equal(2, group[2].Completions.Count);
    }

    /// <summary>Refusing it would be a lie: the first copy may be in the log and win.</summary>
    [Fact]
    public void A_copy_that_comes_after_the_leadership_is_not_refused()
    {
        var group = new ReplicaGroup(3);
        var old = group.Elect(1);
        group.Hold = IsForward;
        var token = group[2].Put("k", "v");
        group.Hold = message => message.To == old.Id;
        group.Put(group.Held[0]);
        group.Settle();
        for (var i = 0; i < 20; i++)
        {
            group.Tick(old);
        }

        Assert.NotEqual(RaftRole.Leader, old.Replica.Status.Role);
        old.Handle(ReplicaEvent.FromPeer(group.Held[0]));
        group.Settle();
        Assert.Null(group[2].ResultOf(token));
        group.Hold = null;
        group.TickAll(30);

        Assert.IsType<OperationResult.Put>(group[2].ResultOf(token));
        Assert.Equal(("v", 2), (group[3].Get("k"), group[3].Current.View.Revision));
    }

    [Fact]
    public void A_request_lost_with_its_leader_is_known_not_to_be_applied_as_soon_as_a_new_one_has_spoken()
    {
        var group = new ReplicaGroup(3);
        var old = group.Elect(1);
        group.Hold = IsForward;
        var token = group[2].Put("k", "v");
        group.Isolate(old);
        Assert.Null(group[2].ResultOf(token));

        group.TickAll(30);

        Assert.Equal(new OperationResult.NotApplied(NotAppliedReason.ProposalDropped), group[2].ResultOf(token));
        Assert.Single(group.Held);
    }

    [Fact]
    public void A_request_meant_for_an_earlier_leadership_is_not_taken()
    {
        var group = new ReplicaGroup(3);
        var leader = group.Elect(1);
        group.Hold = IsForward;
        var token = group[2].Put("k", "v");
        group.Hold = null;
        leader.Handle(ReplicaEvent.TransferLeadership(new NodeId(3)));
        group.Settle();
        group[3].Handle(ReplicaEvent.TransferLeadership(new NodeId(1)));
        group.Settle();
        Assert.Equal(leader, group.Leader);

        group.Put(group.Held[0]);
        group.TickAll(3);

        Assert.Equal(new OperationResult.NotApplied(NotAppliedReason.ProposalDropped), group[2].ResultOf(token));
        Assert.Null(leader.Get("k"));
    }

    [Fact]
    public void A_leader_that_has_no_space_refuses_what_grows_and_takes_what_does_not()
    {
        var group = new ReplicaGroup(3);
        var leader = group.Elect(1);
        leader.Handle(ReplicaEvent.NoSpace(true));

        var put = group[2].Put("k", "v");
        var delete = group[2].Submit(new Command.Write(new Operation.Delete(KeyRange.All)));
        group.Settle();

        Assert.Equal(new OperationResult.NotApplied(NotAppliedReason.NoSpace), group[2].ResultOf(put));
        Assert.IsType<OperationResult.Delete>(group[2].ResultOf(delete));
    }

    [Fact]
    public void A_leader_whose_disk_is_full_lets_one_lead_that_has_room()
    {
        var group = new ReplicaGroup(3);
        var full = group.Elect(1);
        full.Handle(ReplicaEvent.NoSpace(true));
        group.TickAll(3);

        Assert.NotEqual(full, group.Leader);
        var other = group.Members.First(member => member != full && member != group.Leader);
        var put = other.Put("k", "v");
        group.Settle();
        Assert.IsType<OperationResult.Put>(other.ResultOf(put));
    }

    [Fact]
    public void Where_all_disks_are_full_leadership_comes_to_rest()
    {
        var group = new ReplicaGroup(3);
        group.Elect(1);
        foreach (var member in group.Members)
        {
            member.Handle(ReplicaEvent.NoSpace(true));
        }

        group.TickAll(20);
        var leader = group.Leader;
        group.TickAll(50);

        Assert.Equal(leader, group.Leader);
    }

    [Fact]
    public void What_is_never_heard_of_again_has_an_unknown_outcome()
    {
        var group = new ReplicaGroup(3);
        group.Elect(1);
        group.Hold = IsForward;
        var token = group[2].Put("k", "v");
        group.TickAll();
        Assert.Null(group[2].ResultOf(token));

        group.Pass(new ReplicaConfig().ForwardPatienceMs);
        group.TickAll();

        Assert.Equal(new OperationResult.Unknown(), group[2].ResultOf(token));
    }

    [Fact]
    public void Keep_alives_that_wait_together_travel_in_one_entry_also_to_the_leader()
    {
        var group = new ReplicaGroup(3);
        group.Elect(1);
        var grants = new[] { Grant(11), Grant(12) };
        group.Settle();
        Assert.All(grants, token => Assert.IsType<OperationResult.LeaseGranted>(group[2].ResultOf(token)));
        var before = group[1].Current.Raft.Applied;

        group[2].HandleTogether(ReplicaEvent.Renew("a", [new LeaseId(11)]), ReplicaEvent.Renew("b", [new LeaseId(12), new LeaseId(13)]));
        group.Settle();

        Assert.Equal(before.Next, group[1].Current.Raft.Applied);
        Assert.Equal([60], Assert.IsType<OperationResult.LeaseRenewed>(group[2].ResultOf("a")).TtlSeconds);
        Assert.Equal([60, 0], Assert.IsType<OperationResult.LeaseRenewed>(group[2].ResultOf("b")).TtlSeconds);

        object Grant(long id) => group[2].Submit(new Command.LeaseGrant(new LeaseId(id), 60));
    }

    /// <summary>Both are numbered by the member; they once met, and then the wrong one was answered.</summary>
    [Fact]
    public void A_keep_alive_and_a_write_sent_at_once_are_told_apart()
    {
        var group = new ReplicaGroup(3);
        group.Elect(1);

        var put = new object();
        group[2].HandleTogether(
            ReplicaEvent.Renew("renewal", [new LeaseId(1)]),
            group[2].MakeSubmit(put, new Command.Write(new Operation.Put("k"u8.ToArray(), "v"u8.ToArray()))));
        group.Settle();

        Assert.IsType<OperationResult.Put>(group[2].ResultOf(put));
        Assert.IsType<OperationResult.LeaseRenewed>(group[2].ResultOf("renewal"));
    }

    [Fact]
    public void A_refusal_meant_for_a_former_life_means_nothing()
    {
        var group = new ReplicaGroup(3);
        group.Elect(1);
        group.Hold = IsForward;
        var token = group[2].Put("k", "v");
        var sent = group.Held[0];
        group[2].Crash();
        group.TickAll(2);
        token = group[2].Put("k", "w");
        group.Hold = null;

        group.Put(new Message
        {
            Kind = MessageKind.ForwardReply,
            From = sent.To,
            To = sent.From,
            Term = sent.Term,
            Round = sent.Round,
            Reject = true,
            HintIndex = new LogIndex((long)NotAppliedReason.Overloaded),
        });
        group.Put(group.Held[1]);
        group.Settle();

        Assert.IsType<OperationResult.Put>(group[2].ResultOf(token));
    }

    [Fact]
    public void A_command_of_somebody_else_is_not_taken()
    {
        var group = new ReplicaGroup(3);
        group.Elect(1);
        group.Hold = IsForward;
        group[2].Put("k", "v");
        var before = group[1].Replica.Status.Last;

        group[1].Handle(ReplicaEvent.FromPeer(group.Held[0] with { From = new NodeId(3) }));
        group[1].Handle(ReplicaEvent.FromPeer(group.Held[0] with
        {
            Entries = [new Entry(new LogIndex(1), group.Held[0].Term, EntryKind.Command, new byte[3])],
        }));

        Assert.Equal(before, group[1].Replica.Status.Last);
    }
}

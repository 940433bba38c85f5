using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

/// <summary>Requests that meet a leader which is handing over.</summary>
public sealed class HandoverTests
{
    private static readonly OperationResult NoLeader = new OperationResult.NotApplied(NotAppliedReason.NoLeader);
    private readonly ReplicaGroup _group = new(3);

    [Fact]
    public void What_is_in_the_log_before_a_transfer_is_answered_by_the_members_own_apply()
    {
        var old = _group.Elect(1);
        _group.Hold = message => message.Kind == MessageKind.AppendReply;
        var own = old.Put("own", "1");
        var forwarded = _group[3].Put("forwarded", "1");
        _group.Settle();

        old.Handle(Transfer(2));
        Assert.Null(old.ResultOf(own));
        _group.Hold = null;
        foreach (var reply in _group.Held)
        {
            _group.Put(reply);
        }

        _group.Settle();
        _group.TickAll();

        Assert.Equal(_group[2], _group.Leader);
        Assert.IsType<OperationResult.Put>(old.ResultOf(own));
        Assert.IsType<OperationResult.Put>(_group[3].ResultOf(forwarded));
    }

    [Fact]
    public void What_comes_during_a_transfer_waits_for_its_end()
    {
        var old = BeginTransfer();

        var own = old.Put("own", "1");
        var forwarded = _group[3].Put("forwarded", "1");
        var renewed = new object();
        old.Handle(ReplicaEvent.Renew(renewed, [new LeaseId(1)]));
        _group.TickAll(2);

        Assert.Null(old.ResultOf(own));
        Assert.Null(old.ResultOf(renewed));
        Assert.Null(_group[3].ResultOf(forwarded));
    }

    [Fact]
    public void What_waited_is_applied_in_its_order_when_the_transfer_fails()
    {
        var old = BeginTransfer();
        var own = new[] { old.Put("k", "1"), old.Put("k", "2") };
        var forwarded = _group[3].Put("forwarded", "1");
        _group.Settle();

        _group.TickAll(10);

        Assert.Equal(old, _group.Leader);
        Assert.Equal([2, 3], own.Select(token => Assert.IsType<OperationResult.Put>(old.ResultOf(token)).Revision));
        Assert.IsType<OperationResult.Put>(_group[3].ResultOf(forwarded));
        Assert.Equal("2", _group[2].Get("k"));
    }

    [Fact]
    public void What_waited_is_given_back_as_surely_not_applied_when_another_leads_and_goes_through_there()
    {
        var old = BeginTransfer();
        var own = old.Put("own", "1");
        var forwarded = _group[3].Put("forwarded", "1");
        _group.Settle();

        EndTransfer();

        Assert.Equal(_group[2], _group.Leader);
        Assert.Equal(NoLeader, old.ResultOf(own));
        Assert.Equal(NoLeader, _group[3].ResultOf(forwarded));
        Assert.Equal(1, _group[2].Current.View.Revision);
        Assert.IsType<OperationResult.Put>(Again(old, own, "own"));
        Assert.IsType<OperationResult.Put>(Again(_group[3], forwarded, "forwarded"));
    }

    [Fact]
    public void Reads_during_a_transfer_are_answered_or_asked_again()
    {
        var old = BeginTransfer();
        var (here, there) = (new object(), new object());
        old.Handle(ReplicaEvent.Read(here));
        _group[3].Handle(ReplicaEvent.Read(there));
        _group.Settle();
        Assert.False(old.Completions[here].ReadRefused);
        Assert.False(_group[3].Completions[there].ReadRefused);

        var late = new object();
        _group.Hold = message => message.Kind == MessageKind.HeartbeatReply;
        old.Handle(ReplicaEvent.Read(late));
        _group.Settle();
        EndTransfer();

        Assert.True(old.Completions[late].ReadRefused);
        var again = new object();
        old.Handle(ReplicaEvent.Read(again));
        _group.Hold = null;
        _group.TickAll(2);
        Assert.False(old.Completions[again].ReadRefused);
    }

    /// <summary>Nobody had asked it while it led; it still knows that it took nothing.</summary>
    [Fact]
    public void A_request_that_comes_after_the_transfer_is_refused_at_once()
    {
        var old = _group.Elect(1);
        _group.Hold = message => message.Kind == MessageKind.Forward || message.To == new NodeId(3);
        var token = _group[3].Put("k", "v");
        old.Handle(Transfer(2));
        _group.Settle();
        Assert.NotEqual(RaftRole.Leader, old.Replica.Status.Role);

        _group.Hold = null;
        old.Handle(ReplicaEvent.FromPeer(_group.Held.Single(message => message.Kind == MessageKind.Forward)));
        _group.Settle();

        Assert.Equal(NoLeader, _group[3].ResultOf(token));
    }

    [Fact]
    public void A_copy_of_what_waits_is_not_taken_beside_it()
    {
        BeginTransfer();
        _group.Hold = message => message.Kind == MessageKind.Forward;
        var token = _group[3].Put("k", "v");
        _group.Hold = null;
        _group.Put(_group.Held[^1]);
        _group.Put(_group.Held[^1]);
        _group.Settle();

        _group.TickAll(10);

        Assert.IsType<OperationResult.Put>(_group[3].ResultOf(token));
        Assert.Equal(2, _group[1].Current.View.Revision);
    }

    [Fact]
    public void No_more_wait_than_may_be_uncommitted()
    {
        var group = new ReplicaGroup(3, new ReplicaConfig { Raft = new RaftConfig { UncommittedBytesMax = 2000 } });
        var old = group.Elect(1);
        group.Hold = IsTimeoutNow;
        old.Handle(Transfer(2));

        var first = old.Put("k", new string('x', 1500));
        var second = old.Put("k", new string('x', 1500));
        var other = group[3].Put("k", new string('x', 1500));
        group.Settle();

        var overloaded = new OperationResult.NotApplied(NotAppliedReason.Overloaded);
        Assert.Null(old.ResultOf(first));
        Assert.Equal(overloaded, old.ResultOf(second));
        Assert.Equal(overloaded, group[3].ResultOf(other));
    }

    private static bool IsTimeoutNow(Message message) => message.Kind == MessageKind.TimeoutNow;

    private static ReplicaEvent Transfer(long to) => ReplicaEvent.TransferLeadership(new NodeId(to));

    /// <summary>Member 1 leads and has told member 2 to stand, who has not heard of it yet.</summary>
    private GroupMember BeginTransfer()
    {
        var old = _group.Elect(1);
        _group.Hold = IsTimeoutNow;
        old.Handle(Transfer(2));
        _group.Settle();
        Assert.Contains(_group.Held, IsTimeoutNow);
        return old;
    }

    private void EndTransfer()
    {
        var held = _group.Held.Single(IsTimeoutNow);
        _group.Hold = null;
        _group.Put(held);
        _group.Settle();
        _group.TickAll();
    }

    /// <summary>What the shell does with what was surely not applied.</summary>
    private OperationResult? Again(GroupMember member, object token, string key)
    {
        Assert.IsType<OperationResult.NotApplied>(member.ResultOf(token));
        var again = member.Put(key, "1");
        _group.Settle();
        return member.ResultOf(again);
    }
}

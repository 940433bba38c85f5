using RestKv.Api.Etcd;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Testing;
using static RestKv.Http.Tests.Etcd.Watches.WatchWords;

namespace RestKv.Http.Tests.Etcd.Watches;

/// <summary>How streams of watches end, and what does not end them.</summary>
public sealed class WatchEndTests
{
    [Fact]
    public async Task A_stop_ends_streams_so_that_their_clients_go_elsewhere()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(Create("a"));
        await stream.CreatedAsync();

        rig.Dispatcher.BeginStop();

        Assert.Equal(new Refusal(GrpcCode.Unavailable, "etcdserver: server stopped"), Refusal.Of(await stream.FaultAsync()));
        await Eventually.TrueAsync(() => rig.Dispatcher is { LiveCount: 0, OpenCount: 0 }, "nothing is left");
        Assert.Equal("etcdserver: server stopped", (await rig.Open().FaultAsync()).Text);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_client_that_takes_nothing()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open(repliesMax: 1);
        stream.Send(Create("a"));
        stream.Send(Create("b"));
        stream.Send(Create("c"));
        await Eventually.TrueAsync(() => stream.Waiting == 1, "the second answer waits");

        rig.Dispatcher.BeginStop();
        await Eventually.TrueAsync(
            () =>
            {
                rig.Clock.Advance(TimeSpan.FromSeconds(1));
                return stream.Call.IsCompleted;
            },
            "the answer is cut off");

        Assert.Equal(GrpcCode.Unavailable, (await stream.FaultAsync()).Code);
    }

    [Fact]
    public async Task A_member_with_another_state_than_the_majority_ends_its_streams()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(Create("a"));
        await stream.CreatedAsync();

        rig.Dispatcher.Publish(Publication(rig, new NodeId(7), hasDiverged: true));

        Assert.Equal(GrpcCode.Unavailable, (await stream.FaultAsync()).Code);
        Assert.Equal(GrpcCode.Unavailable, (await rig.Open().FaultAsync()).Code);
    }

    [Fact]
    public async Task Without_a_leader_only_streams_end_that_asked_for_one()
    {
        await using var rig = new SessionRig();
        var patient = rig.Open();
        var demanding = rig.Open(requiresLeader: true);
        patient.Send(Create("a"));
        demanding.Send(Create("a"));
        await patient.CreatedAsync();
        await demanding.CreatedAsync();

        rig.Dispatcher.Publish(Publication(rig, NodeId.None));
        rig.Clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(new Refusal(GrpcCode.Unavailable, "etcdserver: no leader"), Refusal.Of(await demanding.FaultAsync()));
        rig.Store.Put("1", "a");
        Assert.Equal(["2 PUT a=1"], await patient.EventsAsync(1));
    }

    [Fact]
    public async Task A_client_that_has_nothing_more_to_ask_keeps_its_watches()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(Create("a"));
        stream.EndRequests();
        await stream.CreatedAsync();

        rig.Store.Put("1", "a");
        Assert.Equal(["2 PUT a=1"], await stream.EventsAsync(1));
        Assert.False(stream.Call.IsCompleted);
    }

    [Fact]
    public async Task A_stream_of_which_nothing_was_asked_ends_with_its_requests()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(new Api.Etcd.Messages.WatchRequest());
        stream.EndRequests();

        await stream.Call.WaitAsync(Eventually.Deadline);
        Assert.Equal(0, stream.Waiting);
    }

    [Fact]
    public async Task A_request_that_cannot_be_read_ends_the_stream_behind_the_answers_to_those_before()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(Create("a"));
        stream.Garble(new EtcdFault(GrpcCode.InvalidArgument, "no JSON"));

        await stream.CreatedAsync();
        Assert.Equal(new Refusal(GrpcCode.InvalidArgument, "no JSON"), Refusal.Of(await stream.FaultAsync()));
        await Eventually.TrueAsync(() => rig.Dispatcher is { LiveCount: 0, OpenCount: 0 }, "nothing is left");
    }

    [Fact]
    public async Task A_client_that_goes_while_an_answer_waits_for_it_leaves_nothing_behind()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open(repliesMax: 1);
        stream.Send(Create("a"));
        stream.Send(Create("b"));
        stream.Send(Create("c"));
        await Eventually.TrueAsync(() => stream.Waiting == 1, "the second answer waits");

        stream.Abort();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.Call.WaitAsync(Eventually.Deadline));
        await Eventually.TrueAsync(() => rig.Dispatcher is { LiveCount: 0, OpenCount: 0 }, "nothing is left");
    }

    private static Publication Publication(SessionRig rig, NodeId leader, bool hasDiverged = false) => new(
        rig.Store.Published,
        rig.Store.Revision,
        new RaftStatus(
            new NodeId(7), RaftRole.Follower, new Term(1), leader, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero,
            new Membership([new NodeId(7)], [])),
        IsSoleLeader: false,
        new MachineFacts(0, 0, 0, 0, Retention.Default, false, 0, MemberList.Empty, hasDiverged));

    private sealed record Refusal(GrpcCode Code, string Text)
    {
        public static Refusal Of(EtcdFault fault) => new(fault.Code, fault.Text);
    }
}

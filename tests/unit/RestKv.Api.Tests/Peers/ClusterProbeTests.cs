using RestKv.Api.Hosting;
using RestKv.Api.Peers;
using RestKv.Api.Watch;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Mvcc;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Testing;

namespace RestKv.Api.Tests.Peers;

/// <summary>Asking the leader to step aside, over a real connection; its mailbox takes the replica's place.</summary>
public sealed class ClusterProbeTests
{
    private static readonly NodeId Leader = new(1);
    private static readonly NodeId Asked = new(2);
    private static readonly NodeId Wanted = new(3);
    private static readonly NodeOptions Options = new() { ElectionTimeout = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task A_transfer_that_came_to_nothing_is_asked_for_again_for_the_same_member()
    {
        var leading = new StandIn(Leader);
        await using var leader = new PeerRig(1, node: leading);
        await leader.StartAsync();
        var asking = new StandIn(Asked);
        leading.Know(Leader, leader.Address);
        asking.Know(Leader, leader.Address);
        var probe = new ClusterProbe(asking, new PeerClient(PeerSecurity.ClearText), Options, TimeProvider.System);

        var handingOver = probe.HandOverAsync(Wanted, Eventually.Deadline, CancellationToken.None);
        var first = await leader.NextAsync(ReplicaEventKind.TransferLeadership);
        var second = await leader.NextAsync(ReplicaEventKind.TransferLeadership);
        Assert.False(handingOver.IsCompleted);
        asking.Know(Wanted, leader.Address);

        Assert.True(await handingOver);
        Assert.Equal((Wanted.Value, Wanted.Value), (first.Number, second.Number));
    }

    [Fact]
    public async Task A_leader_that_leads_no_more_is_followed_by_whoever_does()
    {
        var (old, next) = (new StandIn(Leader), new StandIn(Leader));
        await using var gone = new PeerRig(1, node: old);
        await using var there = new PeerRig(4, node: next);
        await gone.StartAsync();
        await there.StartAsync();
        var asking = new StandIn(Asked);
        asking.Know(Leader, gone.Address);
        old.Know(Asked, gone.Address);
        next.Know(Leader, there.Address);
        var probe = new ClusterProbe(asking, new PeerClient(PeerSecurity.ClearText), Options, TimeProvider.System);

        var handingOver = probe.HandOverAsync(Wanted, Eventually.Deadline, CancellationToken.None);
        asking.Know(NodeId.None, there.Address);
        asking.Know(Leader, there.Address);
        var transfer = await there.NextAsync(ReplicaEventKind.TransferLeadership);
        asking.Know(Wanted, there.Address);

        Assert.True(await handingOver);
        Assert.Equal(Wanted.Value, transfer.Number);
    }

    [Fact]
    public async Task Without_a_leader_it_waits_as_long_as_it_may_and_not_longer()
    {
        var asking = new StandIn(Asked);
        asking.Know(NodeId.None, new Uri("http://127.0.0.1:9"));
        var probe = new ClusterProbe(asking, new PeerClient(PeerSecurity.ClearText), Options, TimeProvider.System);

        Assert.False(await probe.HandOverAsync(Wanted, TimeSpan.FromMilliseconds(50), CancellationToken.None));
    }

    /// <summary>A member of three that knows what it is told and does nothing.</summary>
    private sealed class StandIn(NodeId self) : INode
    {
        private static readonly Membership Voters = new([Leader, Asked, Wanted], []);
        private volatile NodeStatus? _status;

        public NodeStatus Status => _status!;

        public ReadView View => throw new NotSupportedException();

        public bool HasDiverged => false;

        public WatchDispatcher Watches => throw new NotSupportedException();

        /// <param name="address">Where each of the three is found.</param>
        public void Know(NodeId leader, Uri address)
        {
            var members = Voters.Voters.Select(id => new Member(
                id, $"n{id}", [address.GetLeftPart(UriPartial.Authority)], [], MemberRole.Voter, 0, NodeId.None));
            _status = new NodeStatus
            {
                Name = $"n{self}",
                MemberId = self,
                ClusterId = 0xC,
                Raft = new RaftStatus(
                    self, leader == self ? RaftRole.Leader : RaftRole.Follower, new Term(1), leader, default, default, default, default, Voters),
                Members = MemberList.Of(members, []),
            };
        }

        public ValueTask<SubmitReply> SubmitAsync(Command command, SubmitOptions options, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<BarrierReply> ReadBarrierAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<bool> WaitForRevisionAsync(long revision, TimeSpan timeout, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<TableReply> QueryAsync(TableQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

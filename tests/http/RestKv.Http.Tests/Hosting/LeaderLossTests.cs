using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using RestKv.Api.Hosting;
using RestKv.Api.Peers;
using RestKv.Api.Telemetry;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Replication;
using RestKv.Http.Tests.Watch;
using RestKv.Raft;
using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Http.Tests.Hosting;

/// <summary>What the replica publishes reaches the watches whole: also that there is no leader.</summary>
public sealed class LeaderLossTests
{
    [Fact]
    public async Task Streams_end_when_the_replica_publishes_that_it_has_no_leader()
    {
        using var folder = new TempFolder();
        using var store = ReplicaStore.Open(
            new PhysicalFileSystem(folder.Path),
            new StoreOptions { Fresh = FirstIdentity.Of(new NodeOptions()), SegmentBytes = 1 << 20 });
        using var mailbox = new ReplicaMailbox();
        using var metrics = new NodeMetrics();
        await using var rig = new WatchRig();
        using var replica = new ReplicaThread(mailbox, rig.Clock, 100, Fail, _ => { });
        using var wal = new WalThread(store, mailbox, Fail, (_, _) => { });
        using var snapshots = new SnapshotWorker(store, mailbox, NullLogger.Instance, Fail, (_, _) => { }, CancellationToken.None);
        var self = new PeerIdentity(new ClusterId(1), new NodeId(1), 1, 1, "");
        var net = new PeerNet(self, new PeerDirectory(self.Member), mailbox, PeerSecurity.ClearText, NullLogger.Instance);
        using var services = new ServiceCollection().BuildServiceProvider();
        using var peers = new PeerTransport(net, [], null, NullLoggerFactory.Instance, services);
        var effects = new ReplicaEffects(
            replica, wal, snapshots, rig.Dispatcher, peers, new PeerMembers(net.Directory, net.Memory, []), new PublishedState(rig.Clock),
            NullLogger.Instance, metrics);
        var stream = rig.Open("a");
        await stream.ReadUntilAsync("event: open");

        effects.Publish(new Publication(
            rig.View,
            rig.Revision,
            new RaftStatus(
                new NodeId(1), RaftRole.Follower, new Term(2), NodeId.None, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero,
                LogIndex.Zero, new Membership([new NodeId(1), new NodeId(2)], [])),
            IsSoleLeader: false,
            new MachineFacts(0, 0, 0, 0, Retention.Default, false, 0, MemberList.Empty, false)));
        rig.Clock.Advance(TimeSpan.FromSeconds(6));

        await stream.ReadToEndAsync();
        Assert.Contains("\"reason\":\"leader-lost\"", stream.Events()[^1].Data, StringComparison.Ordinal);
    }

    private static void Fail(Exception fault) => Assert.Fail(fault.ToString());
}

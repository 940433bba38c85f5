using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Http.Tests.Watch;

/// <summary>Streams of a member that has lost its leader.</summary>
public sealed class LeaderlessTests
{
    private static readonly NodeId Self = new(1);

    [Fact]
    public async Task Streams_end_after_five_seconds_without_a_leader_and_not_before()
    {
        await using var rig = new WatchRig();
        var stream = rig.Open("a", start => start with { Heartbeat = TimeSpan.FromSeconds(1) });
        await stream.ReadUntilAsync("event: open");

        // An election that ends in time disturbs nobody.
        rig.Dispatcher.Publish(Publication(rig, NodeId.None));
        rig.Clock.Advance(TimeSpan.FromSeconds(4));
        rig.Dispatcher.Publish(Publication(rig, Self));
        rig.Clock.Advance(TimeSpan.FromSeconds(4));
        await stream.ReadUntilAsync(": hb");
        Assert.False(stream.Stream.Ended.IsCompleted);

        rig.Dispatcher.Publish(Publication(rig, NodeId.None));
        rig.Clock.Advance(TimeSpan.FromSeconds(3));
        rig.Dispatcher.Publish(Publication(rig, NodeId.None));
        rig.Clock.Advance(TimeSpan.FromSeconds(3));

        await stream.ReadToEndAsync();
        Assert.Contains("\"reason\":\"leader-lost\"", stream.Events()[^1].Data, StringComparison.Ordinal);
    }

    private static Publication Publication(WatchRig rig, NodeId leader) => new(
        rig.View,
        rig.Revision,
        new RaftStatus(
            Self, leader.IsNone ? RaftRole.Follower : RaftRole.Leader, new Term(1), leader, LogIndex.Zero, LogIndex.Zero,
            LogIndex.Zero, LogIndex.Zero, new Membership([Self], [])),
        IsSoleLeader: false,
        new MachineFacts(0, 0, 0, 0, Retention.Default, false, 0, MemberList.Empty, false));
}

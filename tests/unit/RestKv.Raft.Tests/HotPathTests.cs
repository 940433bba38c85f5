using RestKv.Raft.Tests.Support;
using RestKv.Testing;

namespace RestKv.Raft.Tests;

/// <summary>What a write costs in memory: bytes are counted, not time.</summary>
public sealed class HotPathTests
{
    private const int Warmup = 2000;
    private const int Puts = 20_000;

    /// <summary>An entry in the window is 40 bytes; nothing else may be allocated for it.</summary>
    private const int BytesPerPutMax = 48;

    [Fact]
    public void Put_on_a_lone_voter_allocates_only_its_place_in_the_window()
    {
        var core = Lone();
        var ready = new Ready();
        var payload = Group.Bytes("payload");
        Run(core, ready, payload, Warmup);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(core, ready, payload, Puts);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated <= (long)Puts * BytesPerPutMax, $"{allocated / (double)Puts} bytes a put");
        Assert.Equal(1 + Warmup + Puts, core.Committed.Value);
    }

    [Fact]
    public void Read_on_a_lone_voter_allocates_nothing()
    {
        var core = Lone();
        var ready = new Ready();
        Reads(core, ready, Warmup);

        Assert.Equal(0, Allocations.Of(() => Reads(core, ready, Puts)));
    }

    [Fact]
    public void Idle_member_has_nothing_to_say()
    {
        var core = Lone();

        core.Tick();

        Assert.False(core.HasReady);
    }

    private static RaftCore Lone()
    {
        var image = new RaftImage(
            Group.Node(1), default, SnapshotMark.Origin(new Membership([Group.Node(1)], [])), []);
        var core = RaftCore.Restore(new RaftConfig(), image, 1);
        var ready = new Ready();
        core.Tick();
        while (core.HasReady)
        {
            core.CollectReady(ready);
            core.Persisted(ready.Mark);
        }

        core.Applied(core.Committed);
        return core;
    }

    private static void Run(RaftCore core, Ready ready, byte[] payload, int puts)
    {
        for (var i = 0; i < puts; i++)
        {
            core.Propose(payload);
            core.CollectReady(ready);
            core.Persisted(ready.Mark);
            core.CollectReady(ready);
            core.Applied(ready.Committed[^1].Index);
        }
    }

    private static void Reads(RaftCore core, Ready ready, int reads)
    {
        for (var i = 0; i < reads; i++)
        {
            core.RequestRead();
            core.CollectReady(ready);
            Assert.True(ready.Reads[0].Confirmed);
        }
    }
}

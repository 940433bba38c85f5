using RestKv.Core.Replication;

namespace RestKv.Core.Tests.Replication;

/// <summary>A start that finds a long log does not begin with a snapshot.</summary>
public sealed class SnapshotQuietTests
{
    [Fact]
    public void After_a_start_a_due_snapshot_waits_until_the_start_is_over()
    {
        var node = Restarted();

        node.Pass(9_000);
        Assert.Empty(node.Snapshots);
        node.Pass(2_000);

        Assert.NotEmpty(node.Snapshots);
    }

    [Fact]
    public void A_snapshot_that_frees_space_does_not_wait()
    {
        var node = Restarted();

        node.Handle(ReplicaEvent.NoSpace(true));

        Assert.NotEmpty(node.Snapshots);
    }

    private static LoneReplica Restarted()
    {
        var node = new LoneReplica(new ReplicaConfig { SnapshotBytesMin = 1000, SnapshotQuietMs = 10_000 });
        node.Elect();
        for (var i = 0; i < 20; i++)
        {
            node.Put($"k{i}", new string('x', 100));
        }

        Assert.Empty(node.Snapshots);
        node.Crash();
        node.Elect();
        return node;
    }
}

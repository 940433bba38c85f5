using System.Text;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>A store that goes on from a backup: a hole in the numbers, nothing readable before it, everything kept that lives.</summary>
public sealed class JumpTests
{
    private const long Far = 1_000_000_000;

    [Fact]
    public void Keys_stay_as_they_were_and_nothing_before_the_jump_can_be_read()
    {
        var state = Busy();
        var before = Live(state.Publish());
        var revision = state.Revision;

        state.JumpTo(revision + Far);

        var view = state.Publish();
        Assert.Equal((revision + Far, revision + Far), (view.Revision, view.CompactedRevision));
        Assert.Equal(before, Live(view));
        Assert.False(view.Changes(view.CompactedRevision).MoveNext());
        Assert.Equal(state.LiveBytes, state.BytesInUse);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Writing_goes_on_one_past_the_jump_before_and_after_a_snapshot(bool isTiny)
    {
        var options = isTiny ? MvccStateModelTests.Tiny : MvccOptions.Default;
        var state = Busy(options);
        state.JumpTo(state.Revision + Far);
        var start = state.Revision;
        var restored = SnapshotBytes.Restore(SnapshotBytes.Of(state.Publish()), options);

        foreach (var store in new[] { state, restored })
        {
            Put(store, "k5", "after");
            Delete(store, "k6");
            Assert.Equal(start + 2, store.Revision);
        }

        var again = SnapshotBytes.Restore(SnapshotBytes.Of(restored.Publish()), options);
        Assert.Equal(SnapshotBytes.Of(state.Publish()), SnapshotBytes.Of(again.Publish()));
        Assert.Equal(state.Digest(), again.Digest());
        Assert.Equal(state.BytesInUse, again.BytesInUse);
        Same.Changes(Same.ToList(state.Publish().Changes(start)), Same.ToList(again.Publish().Changes(start)));
        Assert.Equal([start + 1, start + 2], Same.ToList(again.Publish().Changes(start)).Select(change => change.KeyValue.ModRevision));
    }

    [Fact]
    public void Compaction_goes_on_after_the_jump_and_frees_what_was_before()
    {
        var state = Busy(MvccStateModelTests.Tiny);
        state.JumpTo(state.Revision + Far);
        for (var i = 0; i < 500; i++)
        {
            Put(state, $"k{i % 20}", $"later {i}");
        }

        state.Compact(state.Revision - 3);
        while (state.CompactStep(100))
        {
            Assert.True(state.MemoryBytes > 0);
        }

        var restored = SnapshotBytes.Restore(SnapshotBytes.Of(state.Publish()), MvccStateModelTests.Tiny);
        Assert.Equal(Live(state.Publish()), Live(restored.Publish()));
        Assert.Equal(4, Same.ToList(restored.Publish().Changes(restored.CompactedRevision)).Count);
    }

    [Fact]
    public void An_empty_store_jumps_too()
    {
        var state = new MvccState(MvccOptions.Default);
        state.JumpTo(Far);

        var restored = SnapshotBytes.Restore(SnapshotBytes.Of(state.Publish()));
        Put(restored, "first", "1");

        Assert.Equal(Far + 1, restored.Revision);
        Assert.Equal(0, restored.BytesFreedByCompact(Far));
    }

    [Fact]
    public void Every_flipped_bit_of_a_snapshot_with_a_hole_is_found()
    {
        var state = Busy();
        state.JumpTo(state.Revision + Far);
        Put(state, "k1", "after");
        var bytes = SnapshotBytes.Of(state.Publish());
        for (var at = 0; at < bytes.Length; at++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[at] ^= (byte)(1 << (at % 8));
            Assert.Throws<SnapshotCorruptException>(() => SnapshotBytes.Restore(flipped));
        }
    }

    private static MvccState Busy(MvccOptions? options = null)
    {
        var state = new MvccState(options ?? MvccOptions.Default);
        for (var i = 0; i < 200; i++)
        {
            Put(state, $"k{i % 20}", $"value {i}");
        }

        Delete(state, "k3");
        state.Compact(100);
        return state;
    }

    private static List<string> Live(ReadView view) =>
        Same.ToList(view.Scan(KeyRange.All, view.Revision)).ConvertAll(Same.Text);

    private static void Put(MvccState state, string key, string value)
    {
        state.Begin(1_700_000_000_000, "ann");
        state.Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), LeaseId.None);
        state.End();
    }

    private static void Delete(MvccState state, string key)
    {
        state.Begin(1_700_000_000_001, "ann");
        Assert.True(state.Delete(Encoding.UTF8.GetBytes(key), DeleteCause.Delete));
        state.End();
    }
}

using System.Text;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>The rules of revisions and lives, one by one (etcd contract, sections 2.1 and 2.7).</summary>
public sealed class MvccStateTests
{
    private readonly MvccState _state = new(MvccOptions.Default);

    [Fact]
    public void Empty_store_is_at_revision_one()
    {
        Assert.Equal(1, _state.Revision);
        Assert.Equal(0, _state.CompactedRevision);
        Assert.Equal(0, _state.KeyCount);
        Assert.Equal(0, _state.BytesInUse);
        Assert.False(_state.Publish().Changes(0).MoveNext());
        Assert.False(_state.Publish().Scan(KeyRange.All, 1).MoveNext());
    }

    [Fact]
    public void Request_that_changes_nothing_makes_no_revision()
    {
        _state.Begin(5, "alice");
        Assert.False(_state.Delete("missing"u8, DeleteCause.Delete));

        Assert.Equal(1, _state.End());
    }

    [Fact]
    public void Changes_of_a_request_share_a_revision_and_are_numbered()
    {
        _state.Begin(5, "alice");
        _state.Put("a"u8, "1"u8, new LeaseId(7));
        _state.Put("b"u8, "2"u8, LeaseId.None);
        Assert.False(_state.Delete("c"u8, DeleteCause.Txn));
        Assert.True(_state.Delete("a"u8, DeleteCause.Txn));
        Assert.Equal(2, _state.End());

        Assert.Equal(
            [
                "None#0 a=1 c2 m2 v1 l0000000000000007 t5 by 'alice'",
                "None#1 b=2 c2 m2 v1 l0000000000000000 t5 by 'alice'",
                "Txn#2! a= c0 m2 v0 l0000000000000000 t5 by 'alice'",
            ],
            Same.ToList(_state.Publish().Changes(1)).Select(Same.Text));
    }

    [Fact]
    public void Deletion_ends_a_life_and_the_next_put_starts_one()
    {
        Put("k", "1");
        Put("k", "2");
        Delete("k");
        Put("k", "3");

        Assert.True(_state.TryGet("k"u8, out var now));
        Assert.Equal((5L, 5L, 1L), (now.CreateRevision, now.ModRevision, now.Version));
        var view = _state.Publish();
        Assert.True(view.TryGet("k"u8, 3, out var before));
        Assert.Equal((2L, 3L, 2L), (before.CreateRevision, before.ModRevision, before.Version));
        Assert.False(view.TryGet("k"u8, 4, out _));
        Assert.False(view.TryGet("k"u8, 1, out _));
    }

    [Fact]
    public void Delete_and_put_in_one_request_start_a_new_life()
    {
        Put("k", "1");
        _state.Begin(0, "");
        Assert.True(_state.Delete("k"u8, DeleteCause.Delete));
        Assert.False(_state.Delete("k"u8, DeleteCause.Delete));
        Assert.False(_state.TryGet("k"u8, out _));
        _state.Put("k"u8, "2"u8, LeaseId.None);
        Assert.True(_state.TryGet("k"u8, out _));
        _state.End();

        Assert.True(_state.Publish().TryGet("k"u8, out var now));
        Assert.Equal((3L, 3L, 1L), (now.CreateRevision, now.ModRevision, now.Version));
        var changes = Same.ToList(_state.Publish().Changes(3));
        Assert.Equal([DeleteCause.Delete, DeleteCause.None], changes.Select(static change => change.Cause));
        Assert.Equal("1", Encoding.ASCII.GetString(Assert.NotNull(changes[0].Previous).Value.Span));
        Assert.Null(changes[1].Previous);
    }

    [Fact]
    public void Open_request_is_visible_to_its_writer_and_to_no_view()
    {
        Put("a", "1");
        var view = _state.Publish();
        _state.Begin(0, "");
        _state.Put("a"u8, "2"u8, LeaseId.None);
        _state.Put("b"u8, "3"u8, LeaseId.None);

        var range = _state.Range(new RangeRequest(KeyRange.All) { WantCount = true });
        Assert.Equal(["2", "3"], range.Items.Select(static item => Encoding.ASCII.GetString(item.Value.Span)));
        Assert.Equal(2, range.Count);
        Assert.Single(_state.Range(new RangeRequest(KeyRange.All) { Revision = 2 }).Items);
        Assert.True(view.TryGet("a"u8, out var seen));
        Assert.Equal("1"u8, seen.Value.Span);
        Assert.False(view.TryGet("b"u8, out _));
        Assert.Single(Same.ToList(view.Scan(KeyRange.All, 2)));
        _state.End();
        Assert.False(view.TryGet("b"u8, out _));
    }

    [Fact]
    public void Scan_goes_on_while_its_caller_deletes_what_it_yields()
    {
        for (var i = 0; i < 500; i++)
        {
            Put($"k{i:d3}", "v");
        }

        _state.Begin(0, "");
        var cursor = _state.Scan(KeyRange.Prefix("k"u8.ToArray()));
        var deleted = 0;
        while (cursor.MoveNext())
        {
            Assert.Equal($"k{deleted++:d3}", Encoding.ASCII.GetString(cursor.Current.Key.Span));
            Assert.True(_state.Delete(cursor.Current.Key.Span, DeleteCause.Revoke));
        }

        Assert.Equal(502, _state.End());
        Assert.Equal(500, deleted);
        Assert.Equal(0, _state.KeyCount);
        var keys = new List<ReadOnlyMemory<byte>>();
        _state.CollectKeys(KeyRange.All, keys);
        Assert.Empty(keys);
    }

    [Fact]
    public void Compaction_keeps_the_newest_and_a_deletion_exactly_at_its_revision()
    {
        Put("a", "1");
        Put("a", "2");
        Put("b", "1");
        Delete("b");
        Put("c", "1");
        Delete("c");

        _state.Compact(7);
        var view = _state.Publish();

        Assert.True(view.TryGet("a"u8, 7, out var a));
        Assert.Equal(3, a.ModRevision);
        Assert.Equal([7L], Same.ToList(view.Changes(7)).Select(static change => change.KeyValue.ModRevision));
        Assert.Null(Same.ToList(view.Changes(7))[0].Previous);
        Assert.Empty(Same.ToList(view.History("b"u8, 7)));
        Assert.Single(Same.ToList(view.History("c"u8, 7)));
        Assert.Throws<RestKv.Raft.InvariantException>(() => view.TryGet("a"u8, 6, out _));
        Assert.Throws<RestKv.Raft.InvariantException>(() => view.Changes(6));
    }

    [Fact]
    public void Bytes_in_use_fall_at_once_by_what_was_foretold()
    {
        for (var i = 0; i < 100; i++)
        {
            Put("k", new string('v', 1000));
        }

        var before = _state.BytesInUse;
        var live = _state.LiveBytes;
        var freed = _state.BytesFreedByCompact(_state.Revision);
        Assert.InRange(before, 100_000, 120_000);
        Assert.InRange(live, 1000, 1300);

        _state.Compact(_state.Revision);

        Assert.Equal(before - freed, _state.BytesInUse);
        Assert.Equal(live, _state.BytesInUse);
        Assert.Equal(live, _state.Publish().LiveBytes);
    }

    [Fact]
    public void Sizes_at_the_edges_are_kept_whole()
    {
        var state = new MvccState(MvccStateModelTests.Tiny);
        var big = new byte[1 << 20];
        new Random(1).NextBytes(big);
        var longKey = new byte[60_000];
        Array.Fill(longKey, (byte)'k');
        byte[][] keys = [[], [0], [0, 0], "k"u8.ToArray(), longKey, [.. longKey, 1], new byte[ushort.MaxValue], [255]];
        for (var round = 0; round < 3; round++)
        {
            foreach (var key in keys)
            {
                state.Begin(0, "");
                state.Put(key, round == 1 ? [] : big, LeaseId.None);
                state.End();
            }
        }

        state.Compact(state.Revision - 3);
        while (state.CompactStep(2))
        {
        }

        foreach (var view in new[] { state.Publish(), SnapshotBytes.Restore(SnapshotBytes.Of(state.Publish())).Publish() })
        {
            var expected = keys.Order(Comparer<byte[]>.Create(static (x, y) => x.AsSpan().SequenceCompareTo(y)));
            Assert.Equal(expected, Same.ToList(view.Scan(KeyRange.All, view.Revision)).Select(kv => kv.Key.ToArray()));
            Assert.All(keys, key =>
            {
                Assert.True(view.TryGet(key, out var kv));
                Assert.True(kv.Value.Span.SequenceEqual(big));
                Assert.Equal(3, kv.Version);
            });
        }
    }

    private void Put(string key, string value)
    {
        _state.Begin(0, "");
        _state.Put(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(value), LeaseId.None);
        _state.End();
    }

    private void Delete(string key)
    {
        _state.Begin(0, "");
        Assert.True(_state.Delete(Encoding.ASCII.GetBytes(key), DeleteCause.Delete));
        _state.End();
    }
}

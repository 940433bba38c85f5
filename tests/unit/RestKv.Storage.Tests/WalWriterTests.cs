using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage.Tests.Support;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

public sealed class WalWriterTests
{
    [Fact]
    public void Any_number_of_batches_is_one_write_and_one_sync()
    {
        var (disk, member) = Opened();
        var calls = new List<string>();
        disk.OnOperation = (operation, path) => calls.Add(operation);

        for (var i = 0; i < 10; i++)
        {
            member.Append(2, 4, flush: false);
        }

        Assert.Empty(calls);
        member.Flush();
        Assert.Equal(["pwrite", "fdatasync"], calls);
    }

    [Fact]
    public void Nothing_to_flush_touches_nothing()
    {
        var (disk, member) = Opened();
        member.Append(1, 10);
        var calls = disk.Operations;

        var mark = member.Store.Log.Flush();

        Assert.Equal(1, mark.Sequence);
        Assert.Equal(calls, disk.Operations);
    }

    /// <summary>What the segment repeats is the state before its first frame: behind the newest, older records would not fit.</summary>
    [Fact]
    public void Several_terms_in_the_flush_that_begins_a_segment_are_read_back()
    {
        var (disk, member) = Opened();
        member.Append(2, 1200);
        var segments = Stores.Segments(disk).Count;

        member.SetHardState(new Term(2), new NodeId(2), flush: false);
        member.Append(1, 1000, flush: false);
        member.SetHardState(new Term(3), new NodeId(3), flush: false);
        member.Append(1, 1000);

        Assert.Equal(segments + 1, Stores.Segments(disk).Count);
        disk.KillProcess();
        member.On(disk).Open();
    }

    [Fact]
    public void A_prepared_segment_keeps_the_making_of_files_off_the_flush()
    {
        var (disk, member) = Opened();
        member.Store.Maintain();
        var calls = new List<string>();
        disk.OnOperation = (operation, path) => calls.Add(operation);

        member.Append(2, 1000);

        Assert.Equal(["rename", "pwrite", "fdatasync", "fsync"], calls);
    }

    [Fact]
    public void An_entry_larger_than_a_segment_gets_a_segment_of_its_own_size()
    {
        var (disk, member) = Opened();
        member.Append(1, 10);
        member.Append(1, 50_000);
        member.Append(2, 1000);
        member.Append(1, 10);
        disk.KillProcess();

        member.Open();

        Assert.Equal(5, member.Promised.Last);
        Assert.Contains(Stores.Segments(disk), path => disk.LengthOf(path) > 50_000);
        Assert.Equal(Stores.SegmentBytes, disk.LengthOf(Stores.LastSegment(disk)));
    }

    [Fact]
    public void Every_length_of_payload_comes_back()
    {
        var (disk, member) = Opened();
        for (var length = 0; length < 600; length++)
        {
            member.Append(1, length, flush: length % 7 == 0);
        }

        member.Flush();
        disk.CutPower(DiskOutcome.Drop, 1);
        member.Open();

        Assert.Equal(600, member.Promised.Last);
    }

    [Fact]
    public void A_commit_hint_waits_for_the_next_flush()
    {
        var (disk, member) = Opened();
        member.Append(3, 10);
        var calls = disk.Operations;
        var hint = new HardState(Term.Zero, NodeId.None, new LogIndex(2));
        member.Store.Log.Append(new PersistBatch(default, hint, [], null, NeedsFlush: false));
        Assert.Equal(calls, disk.Operations);
        Assert.True(member.Store.Log.HasPending);

        member.Store.Log.Flush();
        disk.KillProcess();

        Assert.Equal(2, ReplicaStore.Open(disk, Stores.Options).Image.HardState.Commit.Value);
    }

    [Fact]
    public void Entries_that_leave_a_hole_are_refused()
    {
        var (_, member) = Opened();
        var entry = new Entry(new LogIndex(2), Term.Zero, EntryKind.Noop, default);

        Assert.Throws<InvariantException>(
            () => member.Store.Log.Append(new PersistBatch(default, null, [entry], null, true)));
    }

    [Fact]
    public void The_witness_of_the_last_flush_is_written_once()
    {
        var (disk, member) = Opened();
        member.Append(1, 10);
        var calls = disk.Operations;

        Assert.True(member.Store.Log.TryWriteWitness());
        Assert.Equal(calls + 2, disk.Operations);
        Assert.True(member.Store.Log.TryWriteWitness());
        Assert.Equal(calls + 2, disk.Operations);
    }

    [Fact]
    public void Appending_and_flushing_allocates_nothing()
    {
        using var folder = new TempFolder();
        var options = Stores.Options with { SegmentBytes = 64 << 20 };
        using var store = ReplicaStore.Open(new PhysicalFileSystem(folder.Combine("data")), options);
        var payload = new byte[256];
        var batches = new PersistBatch[600];
        for (var i = 0; i < batches.Length; i++)
        {
            var entries = new Entry[64];
            for (var j = 0; j < entries.Length; j++)
            {
                entries[j] = new Entry(new LogIndex((i * 64) + j + 1), Term.Zero, EntryKind.Command, payload);
            }

            batches[i] = new PersistBatch(new PersistMark(i + 1, default, default), null, entries, null, true);
        }

        Write(store, batches.AsSpan(0, 100));
        var next = 100;
        var allocated = Allocations.Of(() =>
        {
            Write(store, batches.AsSpan(next, 100));
            next += 100;
        });

        Assert.Equal(0, allocated);
    }

    private static void Write(ReplicaStore store, ReadOnlySpan<PersistBatch> batches)
    {
        foreach (var batch in batches)
        {
            store.Log.Append(batch);
            store.Log.Flush();
        }
    }

    private static (VirtualDisk Disk, Member Member) Opened()
    {
        var disk = new VirtualDisk();
        var member = new Member(disk, Stores.Options);
        member.Open();
        return (disk, member);
    }
}

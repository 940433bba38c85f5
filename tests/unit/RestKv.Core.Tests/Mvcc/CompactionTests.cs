using System.Runtime.CompilerServices;
using System.Text;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>Space comes back, nobody who holds a view is hurt, and nobody can tell how far it got.</summary>
public sealed class CompactionTests
{
    private static readonly MvccOptions Small = new() { ChunkBytes = 16 << 10 };

    [Theory]
    [InlineData(100)]
    [InlineData(1900)]
    [InlineData(10_000)]
    public void Overwriting_a_few_keys_for_ever_needs_bounded_memory(int valueBytes)
    {
        var state = new MvccState(Small);
        var value = new byte[valueBytes];
        var most = 0L;
        for (var i = 0; i < 20_000; i++)
        {
            Put(state, $"key-{i % 7}", value);
            if (i % 100 == 99)
            {
                state.Compact(state.Revision - 10);
                Drain(state);
                most = Math.Max(most, state.MemoryBytes);
            }
        }

        Assert.InRange(most, 1, (120L * (valueBytes + 200)) + (6 * Small.ChunkBytes));
        Assert.Equal(7, state.KeyCount);
    }

    [Fact]
    public void Keys_that_come_and_go_leave_nothing_behind()
    {
        var state = new MvccState(Small);
        for (var i = 0; i < 20_000; i++)
        {
            Put(state, $"key-{i * 7919 % 20_000:d6}", "v"u8);
            if (i >= 50)
            {
                state.Begin(0, "");
                Assert.True(state.Delete(Encoding.ASCII.GetBytes($"key-{(i - 50) * 7919 % 20_000:d6}"), DeleteCause.Expire));
                state.End();
            }

            if (i % 500 == 499)
            {
                state.Compact(state.Revision);
                Drain(state);
                Assert.InRange(state.MemoryBytes, 1, 12 * Small.ChunkBytes);
            }
        }
    }

    [Fact]
    public void Random_overwriting_of_many_keys_stays_near_what_lives()
    {
        var state = new MvccState(Small);
        var random = new SplitMix64(5);
        for (var i = 0; i < 60_000; i++)
        {
            Put(state, $"key-{random.Next(3000)}", new byte[random.Next(200)]);
            if (i % 300 == 299)
            {
                state.Compact(state.Revision - 100);
            }

            if (i % 20 == 0)
            {
                state.CompactStep(60);
            }
        }

        state.Compact(state.Revision);
        Drain(state);
        Assert.InRange(state.MemoryBytes, state.LiveBytes / 2, (state.LiveBytes * 9 / 5) + (6 * Small.ChunkBytes));
    }

    [Fact]
    public void Big_values_take_what_they_need_also_after_a_restore()
    {
        var state = new MvccState(Small);
        for (var i = 0; i < 200; i++)
        {
            Put(state, $"small-{i}", "v"u8);
            Put(state, $"big-{i}", new byte[9000]);
        }

        Put(state, "last", "v"u8);
        state.Compact(state.Revision);
        Drain(state);
        var restored = SnapshotBytes.Restore(SnapshotBytes.Of(state.Publish()), Small);

        Assert.InRange(state.MemoryBytes, 1, (state.LiveBytes * 11 / 10) + (2 * Small.ChunkBytes));
        Assert.InRange(restored.MemoryBytes, 1, (restored.LiveBytes * 11 / 10) + (2 * Small.ChunkBytes));
    }

    [Theory]
    [InlineData(3UL)]
    [InlineData(4UL)]
    public void Nobody_can_tell_how_memory_is_laid_out(ulong seed)
    {
        MvccOptions[] variants =
        [
            MvccOptions.Default,
            MvccStateModelTests.Tiny,
            MvccStateModelTests.Tiny with { SparsePercent = 0, RunBytes = 1 },
            MvccStateModelTests.Tiny with { SparsePercent = 99, ChunkBytes = 1024 },
            Small with { FanOutMax = 4, LeafKeysMax = 2 },
            Small with { RunBytes = 1 << 20 },
        ];
        var results = variants.Select((options, index) => Run(options, seed, stepEvery: index)).ToList();

        Assert.All(results, result => Assert.Equal(results[0].Digest, result.Digest));
        Assert.All(results, result => Assert.Equal(results[0].BytesInUse, result.BytesInUse));
        Assert.All(results, result => Assert.Equal(results[0].Snapshot, result.Snapshot));
    }

    [Fact]
    public void Same_calls_make_the_same_memory()
    {
        var first = Run(MvccStateModelTests.Tiny, 9, stepEvery: 3);
        var second = Run(MvccStateModelTests.Tiny, 9, stepEvery: 3);

        Assert.Equal(first.MemoryBytes, second.MemoryBytes);
        Assert.Equal(first.Digest, second.Digest);
    }

    [Fact]
    public void Digest_tells_histories_apart()
    {
        var digests = new HashSet<ulong>();
        foreach (var variant in new Action<MvccState>[]
        {
            static state => state.Begin(1, "a"),
            static state => state.Begin(2, "a"),
            static state => state.Begin(1, "b"),
        })
        {
            foreach (var (key, value, lease) in new[] { ("k", "v", 0), ("kv", "", 0), ("k", "w", 0), ("k", "v", 1) })
            {
                var state = new MvccState(MvccOptions.Default);
                variant(state);
                state.Put(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(value), new LeaseId(lease));
                state.End();
                Assert.True(digests.Add(state.Digest()));
                Assert.Equal(state.Digest(), state.Publish().Digest);
                state.Compact(2);
                Assert.True(digests.Add(state.Digest()));
            }
        }
    }

    [Fact]
    public void Old_view_keeps_its_past_through_compaction_and_moving()
    {
        var state = new MvccState(MvccStateModelTests.Tiny);
        for (var i = 0; i < 400; i++)
        {
            Put(state, $"k{i % 40:d2}", Encoding.ASCII.GetBytes($"value {i}"));
        }

        var view = state.Publish();
        var before = Everything(view);
        for (var i = 0; i < 4000; i++)
        {
            Put(state, i % 3 == 0 ? $"k{i % 40:d2}" : $"n{i % 500}", "new"u8);
            if (i % 50 == 0)
            {
                state.Compact(state.Revision);
                Drain(state);
                state.Publish();
            }
        }

        Assert.Equal(before, Everything(view));
        Assert.InRange(state.MemoryBytes, 1, 300_000);
    }

    [Fact]
    public void Freed_memory_goes_when_the_last_view_goes()
    {
        var state = new MvccState(MvccStateModelTests.Tiny);
        var (view, memory) = ViewOfOldVersion(state);
        for (var i = 0; i < 500; i++)
        {
            Put(state, "k", "v"u8);
        }

        state.Compact(state.Revision);
        Drain(state);
        GC.Collect();
        Assert.True(memory.IsAlive);
        Assert.Equal("old", OldValue(view));
        view.Clear();
        GC.Collect();
        Assert.False(memory.IsAlive);
        Assert.True(state.TryGet("k"u8, out _));
    }

    [Fact]
    public void Compacting_is_refused_where_it_makes_no_sense()
    {
        var state = new MvccState(MvccOptions.Default);
        Put(state, "k", "v"u8);
        state.Compact(1);

        Assert.Throws<InvariantException>(() => state.Compact(1));
        Assert.Throws<InvariantException>(() => state.Compact(3));
        state.Compact(2);
        Assert.False(state.CompactStep(1));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (List<ReadView> View, WeakReference Memory) ViewOfOldVersion(MvccState state)
    {
        Put(state, "k", "old"u8);
        var view = state.Publish();
        Assert.True(view.TryGet("k"u8, out var old));
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(old.Value, out var segment));
        return ([view], new WeakReference(segment.Array));
    }

    // In methods of their own, or their temporaries would keep the memory alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string OldValue(List<ReadView> view)
    {
        Assert.True(view[0].TryGet("k"u8, out var old));
        return Encoding.ASCII.GetString(old.Value.Span);
    }

    private static List<string> Everything(ReadView view)
    {
        var result = new List<string>();
        for (var revision = Math.Max(1, view.CompactedRevision); revision <= view.Revision; revision += 20)
        {
            result.AddRange(Same.ToList(view.Scan(KeyRange.All, revision)).Select(Same.Text));
        }

        result.AddRange(Same.ToList(view.Changes(view.CompactedRevision)).Select(Same.Text));
        return result;
    }

    private static (ulong Digest, long BytesInUse, byte[] Snapshot, long MemoryBytes) Run(
        MvccOptions options, ulong seed, int stepEvery)
    {
        var state = new MvccState(options);
        var model = new MvccModel();
        var workload = new Workload(seed, keys: 80);
        for (var i = 0; i < 800; i++)
        {
            workload.Request(state, model);
            if (i % 60 == 59)
            {
                state.Compact(state.Revision - 15);
            }

            if (stepEvery > 0 && i % stepEvery == 0)
            {
                state.CompactStep(20);
            }
        }

        return (state.Digest(), state.BytesInUse, SnapshotBytes.Of(state.Publish()), state.MemoryBytes);
    }

    private static void Drain(MvccState state)
    {
        while (state.CompactStep(64))
        {
        }
    }

    private static void Put(MvccState state, string key, ReadOnlySpan<byte> value)
    {
        state.Begin(0, "");
        state.Put(Encoding.ASCII.GetBytes(key), value, LeaseId.None);
        state.End();
    }
}

using System.Text;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>
/// One writer, several readers, no locks: whatever a view shows first it must show for ever, while records are moved, leaves
/// are split and merged, and chunks are freed beneath it. Bounded by counts, not by time.
/// </summary>
public sealed class MvccConcurrencyTests
{
    private const int Readers = 3;
    private const int Rounds = 400;

    private volatile Snapshot? _published;
    private volatile bool _isWriterDone;

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    public async Task Views_never_change_while_the_writer_runs(ulong seed)
    {
        var state = new MvccState(MvccStateModelTests.Tiny with { ChunkBytes = 4096 });
        Write(state, new SplitMix64(seed), 200);
        _published = Capture(state);

        var readers = Enumerable.Range(0, Readers).Select(reader => Task.Run(() => Read(seed + (ulong)reader))).ToList();
        var writer = Task.Run(() => RunWriter(state, new SplitMix64(seed)));
        await Task.WhenAll([.. readers, writer]);

        Assert.All(await Task.WhenAll(readers), static checks => Assert.True(checks > 0));
    }

    private void RunWriter(MvccState state, SplitMix64 random)
    {
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                Write(state, random, 40);
                if (round % 3 == 0)
                {
                    state.Compact(state.Revision - random.Next(30));
                }

                state.CompactStep(1 + random.Next(300));
                _published = Capture(state);
            }
        }
        finally
        {
            _isWriterDone = true;
        }
    }

    /// <summary>Every reader sticks to a view for a while, then takes the newest; it goes on as long as the writer does.</summary>
    private int Read(ulong seed)
    {
        var random = new SplitMix64(seed);
        var checks = 0;
        do
        {
            var snapshot = Invariant.NotNull(_published);
            for (var repeat = random.Next(4); repeat >= 0; repeat--)
            {
                Assert.Equal(snapshot.Newest, HashOf(snapshot.View.Scan(KeyRange.All, snapshot.View.Revision)));
                Assert.Equal(
                    snapshot.Oldest, HashOf(snapshot.View.Scan(KeyRange.All, Math.Max(1, snapshot.View.CompactedRevision))));
                Assert.Equal(snapshot.Changes, HashOf(snapshot.View.Changes(snapshot.View.CompactedRevision)));
                Assert.Equal(snapshot.Bytes, StateHash.Of(SnapshotBytes.Of(snapshot.View), 1));
                checks++;
            }
        }
        while (!_isWriterDone);

        return checks;
    }

    private static Snapshot Capture(MvccState state)
    {
        var view = state.Publish();
        return new Snapshot(
            view,
            HashOf(view.Scan(KeyRange.All, view.Revision)),
            HashOf(view.Scan(KeyRange.All, Math.Max(1, view.CompactedRevision))),
            HashOf(view.Changes(view.CompactedRevision)),
            StateHash.Of(SnapshotBytes.Of(view), 1));
    }

    private static void Write(MvccState state, SplitMix64 random, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            var key = Encoding.ASCII.GetBytes($"key-{random.Next(400)}");
            state.Begin(i, "writer");
            if (random.Next(3) > 0 || !state.Delete(key, DeleteCause.Delete))
            {
                state.Put(key, Encoding.ASCII.GetBytes($"value {random.Next(1000)}"), LeaseId.None);
            }

            state.End();
        }
    }

    private static ulong HashOf(KeyCursor cursor)
    {
        var hash = 1UL;
        while (cursor.MoveNext())
        {
            hash = HashOf(cursor.Current, hash);
        }

        return hash;
    }

    private static ulong HashOf(ChangeCursor cursor)
    {
        var hash = 1UL;
        while (cursor.MoveNext())
        {
            var change = cursor.Current;
            hash = HashOf(change.KeyValue, hash + (ulong)change.Cause + (change.LastOfRevision ? 7UL : 0));
            hash = change.Previous is { } previous ? HashOf(previous, hash) : hash;
        }

        return hash;
    }

    private static ulong HashOf(KeyValue kv, ulong hash)
    {
        hash = StateHash.Of(kv.Key.Span, hash);
        hash = StateHash.Of(kv.Value.Span, hash);
        return StateHash.Mix(hash, (ulong)(kv.ModRevision * 31) + (ulong)kv.Version);
    }

    private sealed record Snapshot(ReadView View, ulong Newest, ulong Oldest, ulong Changes, ulong Bytes);
}

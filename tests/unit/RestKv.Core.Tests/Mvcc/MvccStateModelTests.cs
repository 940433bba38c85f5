using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>The real store against the naive one: every answer after every few requests, old views included.</summary>
public sealed class MvccStateModelTests
{
    internal static readonly MvccOptions Tiny = new()
    {
        ChunkBytes = 2048,
        RunBytes = 300,
        LeafBytesMax = 128,
        LeafKeysMax = 3,
        FanOutMax = 4,
    };

    public static TheoryData<ulong, bool> Seeds()
    {
        var data = new TheoryData<ulong, bool>();
        for (var seed = 1UL; seed <= 12; seed++)
        {
            data.Add(seed, seed % 4 != 0);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Store_answers_as_the_model_does(ulong seed, bool isTiny)
    {
        var state = new MvccState(isTiny ? Tiny : MvccOptions.Default);
        var model = new MvccModel();
        var workload = new Workload(seed, keys: 60);
        var views = new List<(ReadView View, long Compacted)>();

        for (var step = 0; step < 500; step++)
        {
            workload.Request(state, model);
            if (workload.Random.Next(25) == 0)
            {
                views.Add((state.Publish(), state.CompactedRevision));
            }

            if (workload.Random.Next(40) == 0 && state.Revision > state.CompactedRevision + 1)
            {
                var room = (int)(state.Revision - state.CompactedRevision);
                var revision = state.CompactedRevision + 1 + workload.Random.Next(room);
                state.Compact(revision);
                model.Compact(revision);
            }

            if (workload.Random.Next(3) == 0)
            {
                state.CompactStep(1 + workload.Random.Next(30));
            }

            if (step % 50 == 49)
            {
                Compare(state.Publish(), model, workload, model.CompactedRevision);
            }

            if (step % 100 == 99)
            {
                CompareRestored(state, model, workload);
            }
        }

        while (state.CompactStep(100))
        {
        }

        Compare(state.Publish(), model, workload, model.CompactedRevision);
        CompareRestored(state, model, workload);
        foreach (var (view, compacted) in views)
        {
            Compare(view, model, workload, compacted);
        }
    }

    /// <summary>A restored state is the same in everything but memory: answers, digest, quota, and its own snapshot.</summary>
    private static void CompareRestored(MvccState state, MvccModel model, Workload workload)
    {
        var bytes = SnapshotBytes.Of(state.Publish());
        var source = new SnapshotBytes([.. bytes, 1, 2, 3]) { PieceMax = 1 + workload.Random.Next(5000) };
        var restored = MvccSnapshot.Read(source, workload.Random.Next(2) == 0 ? Tiny : MvccOptions.Default);

        Assert.Equal(3, source.Left);
        Assert.Equal(state.Revision, restored.Revision);
        Assert.Equal(state.KeyCount, restored.KeyCount);
        Assert.Equal(state.Digest(), restored.Digest());
        Assert.Equal(state.BytesInUse, restored.BytesInUse);
        Assert.Equal(state.LiveBytes, restored.LiveBytes);
        Compare(restored.Publish(), model, workload, model.CompactedRevision);
        Assert.Equal(bytes, SnapshotBytes.Of(restored.Publish()));
    }

    internal static void Compare(ReadView view, MvccModel model, Workload workload, long compacted)
    {
        Assert.Equal(compacted, view.CompactedRevision);
        var oldest = Math.Max(1, compacted);
        var span = (int)(view.Revision - oldest + 1);
        for (var i = 0; i < 6; i++)
        {
            var revision = i == 0 ? view.Revision : i == 1 ? oldest : oldest + workload.Random.Next(span);
            var range = i < 2 ? KeyRange.All : workload.Range();
            var live = model.Live(range, revision);
            Same.KeyValues(live, Same.ToList(view.Scan(range, revision)));
            Same.KeyValues(
                live.AsEnumerable().Reverse(), Same.ToList(view.Scan(range, revision, descending: true)));
            Assert.Equal(live.Count, view.Range(new RangeRequest(range) { CountOnly = true, Revision = revision }).Count);

            var key = workload.Key();
            var expected = model.At(key, revision);
            Assert.Equal(expected is not null, view.TryGet(key, revision, out var actual));
            Assert.Equal(expected is null ? "" : Same.Text(expected.Value), expected is null ? "" : Same.Text(actual));
            Same.Changes(model.KeyHistory(key, revision, compacted), Same.ToList(view.History(key, revision)));
            Same.Changes(model.Changes(revision, view.Revision, compacted), Same.ToList(view.Changes(revision)));
        }

        Assert.Equal(model.Live(KeyRange.All, view.Revision).Count, view.KeyCount);
    }
}

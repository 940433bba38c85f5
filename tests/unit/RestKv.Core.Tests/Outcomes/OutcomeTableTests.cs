using System.Text;
using RestKv.Core.Commands;
using RestKv.Core.Outcomes;
using RestKv.Raft;

namespace RestKv.Core.Tests.Outcomes;

public sealed class OutcomeTableTests
{
    [Fact]
    public void Behaves_like_a_dictionary_with_a_window_under_random_traffic()
    {
        const ulong seed = 77;
        var random = new SplitMix64(seed);
        var limits = new OutcomeLimits(WindowMs: 1000, FloorMs: 100, EntriesMax: 300, ResultBytesMax: 64);
        var table = new OutcomeTable(limits);
        var model = new List<(string Author, string Key, long TimeMs, long Revision)>();
        var nowMs = 0L;
        for (var step = 0; step < 50_000; step++)
        {
            nowMs += random.Next(8);
            table.Advance(nowMs);
            model.RemoveAll(entry => entry.TimeMs <= nowMs - limits.WindowMs);
            var author = random.Next(2) == 0 ? "" : "ann";
            var key = $"key-{random.Next(600)}";
            var known = model.FirstOrDefault(entry => entry.Author == author && entry.Key == key);
            var isFound = table.TryFind(author, Encoding.UTF8.GetBytes(key), out var entry);
            Assert.True(isFound == (known.Key is not null), $"seed {seed} step {step}");
            if (isFound)
            {
                Assert.Equal((known.Revision, known.TimeMs), (entry.Revision, entry.TimeMs));
                continue;
            }

            if (table.TryMakeRoom(nowMs))
            {
                while (model.Count >= limits.EntriesMax)
                {
                    model.RemoveAt(0);
                }

                table.Add(author, Encoding.UTF8.GetBytes(key), 1, nowMs, IdempotencyStatus.Applied, new OperationResult.Kept(step));
                model.Add((author, key, nowMs, step));
            }
            else
            {
                Assert.True(model.Count >= limits.EntriesMax && model[0].TimeMs > nowMs - limits.FloorMs);
            }

            Assert.Equal(model.Count, table.Count);
        }

        Assert.Equal(
            model.Select(entry => entry.Key), table.Capture().Entries().Select(e => Encoding.UTF8.GetString(e.Key.Span)));
    }

    [Fact]
    public void A_picture_keeps_what_was_there_when_it_was_taken()
    {
        var table = new OutcomeTable(new OutcomeLimits(EntriesMax: 10, FloorMs: 0));
        for (var i = 0; i < 10; i++)
        {
            table.Add("", [(byte)i], 0, i, IdempotencyStatus.Applied, new OperationResult.Kept(i));
        }

        var picture = table.Capture();
        for (var i = 10; i < 20_000; i++)
        {
            Assert.True(table.TryMakeRoom(i + 1));
            table.Add("", BitConverter.GetBytes(i), 0, i, IdempotencyStatus.Applied, new OperationResult.Kept(i));
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), picture.Entries().Select(e => e.Revision));
        Assert.Equal(10, table.Count);
        Assert.True(table.KnownFromMs > 19_000);
    }

    [Fact]
    public void A_result_too_large_to_keep_is_remembered_without_its_entries()
    {
        var table = new OutcomeTable(new OutcomeLimits(ResultBytesMax: 16));
        var large = new OperationResult.Txn(9, true, [.. Enumerable.Repeat(new OperationResult.Delete(9, 1, []), 100)]);

        table.Add("", "k"u8, 3, 1, IdempotencyStatus.Applied, large);

        Assert.True(table.TryFind("", "k"u8, out var entry));
        Assert.Equal((9, 3UL), (entry.Revision, entry.RequestHash));
        var kept = Assert.IsType<OperationResult.Kept>(ResultCodec.Decode(entry.Result));
        Assert.True(kept.Verdict is OperationResult.Txn { Succeeded: true, Results.Count: 0 });
    }
}

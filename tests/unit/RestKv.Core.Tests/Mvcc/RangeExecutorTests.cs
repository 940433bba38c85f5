using System.Text;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>Range reads against etcd's evaluation order, written down step by step.</summary>
public sealed class RangeExecutorTests
{
    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void Range_follows_the_evaluation_order_of_etcd(ulong seed)
    {
        var state = new MvccState(MvccStateModelTests.Tiny);
        var model = new MvccModel();
        var workload = new Workload(seed, keys: 50, valueBytesMax: 3);
        for (var i = 0; i < 300; i++)
        {
            workload.Request(state, model);
        }

        var view = state.Publish();
        var random = workload.Random;
        for (var i = 0; i < 1500; i++)
        {
            long Bound() => random.Next(3) == 0 ? random.Next((int)view.Revision + 2) : 0;
            var request = new RangeRequest(workload.Range())
            {
                Revision = random.Next(2) == 0 ? 0 : 1 + random.Next((int)view.Revision),
                Limit = random.Next(3) == 0 ? 0 : random.Next(12) - 1,
                SortTarget = (SortTarget)random.Next(5),
                SortOrder = (SortOrder)random.Next(3),
                MinModRevision = Bound(),
                MaxModRevision = Bound(),
                MinCreateRevision = random.Next(3) == 0 ? Bound() : 0,
                MaxCreateRevision = random.Next(3) == 0 ? Bound() : 0,
                KeysOnly = random.Next(3) == 0,
                CountOnly = random.Next(10) == 0,
                WantCount = random.Next(2) == 0,
                BytesMax = random.Next(3) == 0 ? 1 + random.Next(200) : 0,
            };

            var expected = Expected(model, request, view.Revision);
            var actual = view.Range(request);

            Assert.Equal(expected.Items.Select(Same.Text), actual.Items.Select(Same.Text));
            Assert.Equal((expected.Count, expected.More), (actual.Count, actual.More));
            Assert.Equal(expected.Items.Count, state.Range(request).Items.Count);
        }
    }

    [Fact]
    public void Sorting_without_an_order_sorts_only_the_first_keys()
    {
        var state = new MvccState(MvccOptions.Default);
        foreach (var (key, value) in new[] { ("a", "3"), ("b", "2"), ("c", "1"), ("d", "0") })
        {
            Put(state, key, value);
        }

        var request = new RangeRequest(KeyRange.All) { SortTarget = SortTarget.Value, Limit = 2 };
        var unordered = state.Publish().Range(request);
        var ordered = state.Publish().Range(request with { SortOrder = SortOrder.Ascending });

        Assert.Equal(["c", "b"], unordered.Items.Select(Key));
        Assert.True(unordered.More);
        Assert.Equal(["d", "c"], ordered.Items.Select(Key));
        Assert.True(ordered.More);
    }

    [Fact]
    public void Sorting_a_big_range_by_value_with_a_limit_finds_the_lowest_of_all()
    {
        var state = new MvccState(MvccOptions.Default);
        for (var i = 0; i < 5000; i++)
        {
            Put(state, $"k{i:d4}", $"{i * 7919 % 5000:d4}");
        }

        var result = state.Publish().Range(new RangeRequest(KeyRange.All)
        {
            SortTarget = SortTarget.Value,
            SortOrder = SortOrder.Descending,
            Limit = 3,
            WantCount = true,
        });

        Assert.Equal(["4999", "4998", "4997"], result.Items.Select(item => Encoding.ASCII.GetString(item.Value.Span)));
        Assert.Equal(5000, result.Count);
        Assert.True(result.More);
    }

    [Fact]
    public void Byte_bound_returns_at_least_one_item_and_says_more()
    {
        var state = new MvccState(MvccOptions.Default);
        Put(state, "a", new string('x', 1000));
        Put(state, "b", "y");

        var cut = state.Publish().Range(new RangeRequest(KeyRange.All) { BytesMax = 10 });
        var keysOnly = state.Publish().Range(new RangeRequest(KeyRange.All) { BytesMax = 10, KeysOnly = true });

        Assert.Equal(["a"], cut.Items.Select(Key));
        Assert.True(cut.More);
        Assert.Equal(["a", "b"], keysOnly.Items.Select(Key));
        Assert.False(keysOnly.More);
        Assert.All(keysOnly.Items, static item => Assert.Equal(0, item.Value.Length));
    }

    private static string Key(KeyValue item) => Encoding.ASCII.GetString(item.Key.Span);

    private static void Put(MvccState state, string key, string value)
    {
        state.Begin(0, string.Empty);
        state.Put(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(value), LeaseId.None);
        state.End();
    }

    private static RangeResult Expected(MvccModel model, RangeRequest request, long newest)
    {
        var live = model.Live(request.Range, request.Revision == 0 ? newest : request.Revision);
        if (request.CountOnly)
        {
            return new RangeResult([], live.Count, More: false);
        }

        var hasFilter = (request.MinModRevision | request.MaxModRevision
            | request.MinCreateRevision | request.MaxCreateRevision) != 0;
        IEnumerable<KeyValue> fetched = live;
        if (request.SortOrder == SortOrder.None && !hasFilter && request.Limit > 0)
        {
            fetched = live.Take((int)request.Limit + 1);
        }

        var kept = fetched.Where(kv =>
            (request.MaxModRevision == 0 || kv.ModRevision <= request.MaxModRevision)
            && (request.MinModRevision == 0 || kv.ModRevision >= request.MinModRevision)
            && (request.MaxCreateRevision == 0 || kv.CreateRevision <= request.MaxCreateRevision)
            && (request.MinCreateRevision == 0 || kv.CreateRevision >= request.MinCreateRevision)).ToList();
        var sorted = Sort(kept, request);
        var more = request.Limit > 0 && sorted.Count > request.Limit;
        var cut = more ? sorted.Take((int)request.Limit).ToList() : sorted;
        if (request.KeysOnly)
        {
            cut = cut.ConvertAll(static kv => kv with { Value = default });
        }

        var bytes = 0L;
        var fitting = cut.TakeWhile((kv, i) =>
            (bytes += kv.Key.Length + kv.Value.Length) <= request.BytesMax || i == 0 || request.BytesMax == 0).ToList();
        return new RangeResult(fitting, request.WantCount ? live.Count : -1, more || fitting.Count < cut.Count);
    }

    private static List<KeyValue> Sort(List<KeyValue> items, RangeRequest request)
    {
        var sign = request.SortOrder == SortOrder.Descending ? -1 : 1;
        Comparison<KeyValue> order = request.SortTarget switch
        {
            SortTarget.Version => (x, y) => x.Version.CompareTo(y.Version),
            SortTarget.CreateRevision => (x, y) => x.CreateRevision.CompareTo(y.CreateRevision),
            SortTarget.ModRevision => (x, y) => x.ModRevision.CompareTo(y.ModRevision),
            SortTarget.Value => (x, y) => x.Value.Span.SequenceCompareTo(y.Value.Span),
            _ => (x, y) => x.Key.Span.SequenceCompareTo(y.Key.Span),
        };

        // OrderBy is stable: ties stay in key order.
        return [.. items.OrderBy(static kv => kv, Comparer<KeyValue>.Create((x, y) => sign * order(x, y)))];
    }
}

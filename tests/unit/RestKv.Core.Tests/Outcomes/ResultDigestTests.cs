using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Core.Tests.Outcomes;

public sealed class ResultDigestTests
{
    private const int BytesMax = 256;

    [Fact]
    public void A_small_result_is_kept_as_it_is()
    {
        var result = new OperationResult.Txn(7, true, [new OperationResult.Put(7, true, null, LeaseId.None)]);

        Assert.Same(result, ResultDigest.Of(result, BytesMax));
    }

    [Fact]
    public void Of_a_large_result_stays_what_it_came_to()
    {
        var entry = Entry(1000);
        var result = new OperationResult.Txn(
            7, false, [new OperationResult.Get(7, new RangeResult([entry], 1, true)), new OperationResult.Delete(7, 3, [entry])]);

        var kept = Assert.IsType<OperationResult.Kept>(RoundTrip(ResultDigest.Of(result, BytesMax)));

        var txn = Assert.IsType<OperationResult.Txn>(kept.Verdict);
        Assert.Equal((7L, 7L, false), (kept.Revision, txn.Revision, txn.Succeeded));
        Assert.True(Assert.IsType<OperationResult.Get>(txn.Results[0]).Result is { Items.Count: 0, More: true });
        Assert.Equal(3, Assert.IsType<OperationResult.Delete>(txn.Results[1]).Deleted);
    }

    [Fact]
    public void Of_very_many_results_stays_the_branch()
    {
        var result = new OperationResult.Txn(
            7, true, [.. Enumerable.Range(0, 128).Select(_ => new OperationResult.Put(7, false, null, LeaseId.None))]);

        var digest = ResultDigest.Of(result, BytesMax);

        Assert.True(Assert.IsType<OperationResult.Txn>(((OperationResult.Kept)RoundTrip(digest)).Verdict) is { Succeeded: true, Results.Count: 0 });
        Assert.InRange(Encoded(digest).Length, 1, BytesMax);
    }

    /// <summary>A hostile transaction read the same large values thousands of times; encoding its result took all memory there was.</summary>
    [Fact]
    public void A_huge_result_is_not_walked()
    {
        var result = new OperationResult.Get(7, new RangeResult(new EndlessItems(), 1, false));

        Assert.IsType<OperationResult.Kept>(ResultDigest.Of(result, BytesMax));
        Assert.Throws<InvalidOperationException>(() => Encoded(result));
    }

    private static KeyValue Entry(int bytes) => new("k"u8.ToArray(), new byte[bytes], 1, 1, 1, LeaseId.None, 0, "");

    private static byte[] Encoded(OperationResult result)
    {
        var into = new ByteWriter();
        ResultCodec.Encode(into, result);
        return into.ToArray();
    }

    private static OperationResult RoundTrip(OperationResult result) => ResultCodec.Decode(Encoded(result))!;

    /// <summary>Gives out entries of 100 bytes, and no more than anybody needs to know that it is too much.</summary>
    private sealed class EndlessItems : IReadOnlyList<KeyValue>
    {
        public int Count => int.MaxValue;

        public KeyValue this[int index] => index < BytesMax ? Entry(100) : throw new InvalidOperationException();

        public IEnumerator<KeyValue> GetEnumerator() => throw new InvalidOperationException();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

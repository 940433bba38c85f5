using System.Text;
using RestKv.Core.Model;
using RestKv.Core.Watch;
using RestKv.Raft;

namespace RestKv.Core.Tests.Watch;

public sealed class RangeUnionTests
{
    [Fact]
    public void Union_is_disjoint_ordered_and_holds_exactly_the_keys_of_its_parts()
    {
        for (var seed = 1UL; seed <= 3_000; seed++)
        {
            var random = new SplitMix64(seed);
            var ranges = Enumerable.Range(0, random.Next(6)).Select(_ => WatchRandom.Range(random)).ToList();

            var union = RangeUnion.Of(ranges);

            for (var i = 0; i + 1 < union.Length; i++)
            {
                Assert.False(union[i].Overlaps(union[i + 1]), $"seed {seed}");
                Assert.True(union[i].Start.Span.SequenceCompareTo(union[i + 1].Start.Span) < 0, $"seed {seed}");
            }

            for (var i = 0; i < 40; i++)
            {
                var key = WatchRandom.Key(random);
                var expected = ranges.Any(range => range.Contains(key));
                Assert.True(expected == RangeUnion.Contains(union, key), $"seed {seed} key {Convert.ToHexString(key)}");
            }
        }
    }

    [Fact]
    public void Neighbours_become_one_range()
    {
        var union = RangeUnion.Of([Between("b", "c"), Between("a", "b"), KeyRange.Single(Bytes("c"))]);

        Assert.Equal("61 6300", $"{Convert.ToHexString(Assert.Single(union).Start.Span)} {Convert.ToHexString(union[0].End.Span)}");
    }

    private static KeyRange Between(string start, string end) => KeyRange.Between(Bytes(start), Bytes(end));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

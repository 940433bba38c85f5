using RestKv.Core.Model;
using RestKv.Core.Watch;
using RestKv.Raft;

namespace RestKv.Core.Tests.Watch;

public sealed class RangeIndexTests
{
    [Fact]
    public void Finds_what_a_linear_scan_finds_while_ranges_come_and_go()
    {
        for (var seed = 1UL; seed <= 300; seed++)
        {
            var random = new SplitMix64(seed);
            var index = new RangeIndex<Target>();
            var all = new List<RangeIndex<Target>.Entry>();
            for (var step = 0; step < 120; step++)
            {
                if (all.Count > 0 && random.Next(5) < 2)
                {
                    var at = random.Next(all.Count);
                    index.Remove(all[at]);
                    all.RemoveAt(at);
                }
                else
                {
                    var range = WatchRandom.WatchRange(random);
                    if (!range.Range.IsEmpty)
                    {
                        all.Add(index.Add(range, new Target()));
                    }
                }

                var key = WatchRandom.Key(random);
                var found = new List<Target>();
                index.Collect(key, found);
                var expected = all.Where(entry => entry.Range.Contains(key)).Select(entry => entry.Target).ToHashSet();
                Assert.True(expected.SetEquals(found), $"seed {seed} step {step}");
                Assert.Equal(expected.Count, found.Count);
                Assert.Equal(all.Count, index.Count);
            }
        }
    }

    [Fact]
    public void Tree_stays_balanced_and_ordered()
    {
        for (var seed = 1UL; seed <= 200; seed++)
        {
            var random = new SplitMix64(seed);
            var tree = new IntervalTree<Target>();
            var all = new List<KeyRange>();
            for (var step = 0; step < 200; step++)
            {
                if (all.Count > 0 && random.Next(5) < 2)
                {
                    var at = random.Next(all.Count);
                    Assert.True(tree.Remove(all[at]));
                    Assert.Null(tree.Find(all[at]));
                    all.RemoveAt(at);
                }
                else
                {
                    var range = Number(random);
                    if (tree.Find(range) is null)
                    {
                        tree.Add(range, new Target());
                        all.Add(range);
                    }
                }

                tree.CheckShape();
            }
        }
    }

    [Fact]
    public void Removing_what_is_not_there_says_so()
    {
        var tree = new IntervalTree<Target>();

        Assert.False(tree.Remove(KeyRange.All));
    }

    private static KeyRange Number(SplitMix64 random)
    {
        var start = random.Next(200);
        return random.Next(10) == 0
            ? KeyRange.From(new[] { (byte)start })
            : KeyRange.Between(new[] { (byte)start }, new[] { (byte)(start + 1 + random.Next(50)) });
    }

    private sealed class Target;
}

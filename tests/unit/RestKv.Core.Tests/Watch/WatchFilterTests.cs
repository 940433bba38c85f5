using System.Text;
using RestKv.Core.Model;
using RestKv.Core.Watch;
using RestKv.Raft;

namespace RestKv.Core.Tests.Watch;

public sealed class WatchFilterTests
{
    [Fact]
    public void Matches_what_its_ranges_types_and_depth_say()
    {
        for (var seed = 1UL; seed <= 3_000; seed++)
        {
            var random = new SplitMix64(seed);
            var (filter, ranges, types) = WatchRandom.Filter(random);
            for (var i = 0; i < 40; i++)
            {
                var key = WatchRandom.Key(random);
                var isDelete = random.Next(2) == 0;
                var expected = WatchRandom.Wants(ranges, types, key, isDelete);
                Assert.True(expected == filter.Matches(key, isDelete), $"seed {seed} key {Convert.ToHexString(key)}");
            }
        }
    }

    [Theory]
    [InlineData("app/", 1, "app/x", true)]
    [InlineData("app/", 1, "app/", true)]
    [InlineData("app/", 1, "app/x/y", false)]
    [InlineData("app/", 1, "app/x/", false)]
    [InlineData("app/", 2, "app/x/y", true)]
    [InlineData("app/", 2, "app/x/y/z", false)]
    [InlineData("app/", 0, "app/x/y/z", true)]
    [InlineData("", 1, "top", true)]
    [InlineData("", 1, "top/x", false)]
    public void Depth_counts_separators_after_the_prefix(string prefix, int depth, string key, bool expected)
    {
        var filter = new WatchFilter([WatchRange.Prefix(Encoding.UTF8.GetBytes(prefix), depth)]);

        Assert.Equal(expected, filter.Matches(Encoding.UTF8.GetBytes(key), isDelete: false));
    }

    [Fact]
    public void Empty_ranges_match_nothing()
    {
        var filter = new WatchFilter([WatchRange.Of(KeyRange.Between("b"u8.ToArray(), "a"u8.ToArray()))]);

        Assert.Empty(filter.Union);
        Assert.False(filter.Matches("a"u8, isDelete: false));
    }
}

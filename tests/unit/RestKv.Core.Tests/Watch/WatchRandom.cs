using System.Text;
using RestKv.Core.Model;
using RestKv.Core.Watch;
using RestKv.Raft;

namespace RestKv.Core.Tests.Watch;

/// <summary>Small random keys, ranges and filters that collide often.</summary>
internal static class WatchRandom
{
    private static readonly string[] Letters = ["a", "b", "a/", "b/", "/", "\0", "\u00ff"];

    public static byte[] Key(SplitMix64 random)
    {
        var text = new StringBuilder();
        var parts = 1 + random.Next(3);
        for (var i = 0; i < parts; i++)
        {
            text.Append(Letters[random.Next(Letters.Length)]);
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    public static KeyRange Range(SplitMix64 random) => random.Next(5) switch
    {
        0 or 1 => KeyRange.Single(Key(random)),
        2 => KeyRange.Prefix(random.Next(6) == 0 ? Array.Empty<byte>() : Key(random)),
        3 => KeyRange.From(Key(random)),
        _ => KeyRange.Between(Key(random), Key(random)),
    };

    public static WatchRange WatchRange(SplitMix64 random) => random.Next(3) == 0
        ? Core.Watch.WatchRange.Prefix(Key(random), random.Next(3))
        : Core.Watch.WatchRange.Of(Range(random));

    public static (WatchFilter Filter, List<WatchRange> Ranges, WatchTypes Types) Filter(SplitMix64 random)
    {
        var ranges = Enumerable.Range(0, 1 + random.Next(4)).Select(_ => WatchRange(random)).ToList();
        var types = (WatchTypes)(1 + random.Next(3));
        return (new WatchFilter(ranges, types), ranges, types);
    }

    /// <summary>The dumbest possible meaning of a filter.</summary>
    public static bool Wants(List<WatchRange> ranges, WatchTypes types, byte[] key, bool isDelete)
    {
        if ((types & (isDelete ? WatchTypes.Delete : WatchTypes.Put)) == 0)
        {
            return false;
        }

        return WantsKey(ranges, key);
    }

    public static bool WantsKey(List<WatchRange> ranges, byte[] key) => ranges.Any(range => range.Range.Contains(key)
        && (range.Depth == 0 || key.Skip(range.PrefixLength).Count(letter => letter == '/') < range.Depth));
}

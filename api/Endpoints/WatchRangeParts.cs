using RestKv.Api.Errors;
using RestKv.Core.Model;
using RestKv.Core.Watch;

namespace RestKv.Api.Endpoints;

/// <summary>Keys, prefixes and ranges as a client lists them, and the rules by which they become one watch.</summary>
internal sealed class WatchRangeParts
{
    public List<byte[]> Keys { get; init; } = [];

    public List<byte[]> Prefixes { get; init; } = [];

    public List<byte[]> Starts { get; init; } = [];

    public List<byte[]> Ends { get; init; } = [];

    /// <summary>0 for any.</summary>
    public int Depth { get; init; }

    private int Count => Keys.Count + Prefixes.Count + Math.Max(Starts.Count, Ends.Count);

    public Problem? Check()
    {
        if (Count == 0)
        {
            return new Problem(ProblemCatalog.InvalidRange, "name keys, prefixes or ranges; an empty prefix is every key");
        }

        if (Count > WatchFilter.RangesMax)
        {
            return new Problem(ProblemCatalog.InvalidRange, $"a watch has at most {WatchFilter.RangesMax} keys, prefixes and ranges");
        }

        if (Keys.Exists(key => key.Length == 0))
        {
            return new Problem(ProblemCatalog.KeyEmpty, "key is empty") { At = "key" };
        }

        return Depth > 0 && Prefixes.Count == 0
            ? new Problem(ProblemCatalog.InvalidFieldCombination, "depth counts from a prefix") { At = "depth" }
            : CheckPairs();
    }

    /// <summary>Where the URL has named a key already.</summary>
    public Problem? CheckBeside() => Count == 0 && Depth == 0
        ? null
        : new Problem(ProblemCatalog.InvalidRange, "the path names the key to watch; several are watched at /v1/watch");

    public List<WatchRange> ToRanges()
    {
        var ranges = new List<WatchRange>(Count);
        ranges.AddRange(Keys.Select(key => WatchRange.Of(KeyRange.Single(key))));
        ranges.AddRange(Prefixes.Select(prefix => WatchRange.Prefix(prefix, Depth)));
        for (var i = 0; i < Math.Max(Starts.Count, Ends.Count); i++)
        {
            var start = i < Starts.Count ? Starts[i] : [];
            ranges.Add(WatchRange.Of(i < Ends.Count ? KeyRange.Between(start, Ends[i]) : KeyRange.From(start)));
        }

        return ranges;
    }

    /// <summary>One open end is clear; among several ranges nobody could tell whose end is missing.</summary>
    private Problem? CheckPairs()
    {
        var isLone = Math.Max(Starts.Count, Ends.Count) == 1;
        if (Starts.Count != Ends.Count && !isLone)
        {
            return new Problem(ProblemCatalog.InvalidRange, "with several ranges each start has its end, in the same order")
            {
                At = Starts.Count > Ends.Count ? "end" : "start",
            };
        }

        for (var i = 0; i < Math.Min(Starts.Count, Ends.Count); i++)
        {
            if (Ends[i].AsSpan().SequenceCompareTo(Starts[i]) < 0)
            {
                return new Problem(ProblemCatalog.InvalidRange, "end is before start") { At = "end" };
            }
        }

        return null;
    }
}

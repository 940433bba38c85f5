using System.Collections.Immutable;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Watch;

/// <summary>
/// What a watch wants to see, exactly: nothing else ever reaches it and nothing of it is left out (I26). Immutable. Whether
/// values and previous entries are shown is a matter of encoding and not of this class.
/// </summary>
public sealed class WatchFilter
{
    /// <summary>More ranges than this on one watch are refused at the door.</summary>
    public const int RangesMax = 1_024;

    private readonly bool _hasDepth;

    public WatchFilter(IEnumerable<WatchRange> ranges, WatchTypes types = WatchTypes.All)
    {
        var parts = ranges.Where(range => !range.Range.IsEmpty).ToImmutableArray();
        Invariant.Check(parts.Length <= RangesMax);
        Types = types;
        _hasDepth = parts.Any(part => part.Depth > 0);
        Union = RangeUnion.Of(parts.Select(part => part.Range));
        Parts = _hasDepth ? parts : Union.Select(WatchRange.Of).ToImmutableArray();
    }

    public WatchTypes Types { get; }

    /// <summary>What to look for in an index. Without a depth these are disjoint, so a key is found once.</summary>
    public ImmutableArray<WatchRange> Parts { get; }

    /// <summary>Disjoint, in key order, covering all parts: what a scan in key order has to read.</summary>
    public ImmutableArray<KeyRange> Union { get; }

    public bool Wants(bool isDelete) => (Types & (isDelete ? WatchTypes.Delete : WatchTypes.Put)) != 0;

    public bool Matches(ReadOnlySpan<byte> key, bool isDelete) => Wants(isDelete) && MatchesKey(key);

    /// <summary>The keys alone, whatever the type of the change.</summary>
    public bool MatchesKey(ReadOnlySpan<byte> key)
    {
        if (!RangeUnion.Contains(Union, key))
        {
            return false;
        }

        return !_hasDepth || MatchesPart(key);
    }

    private bool MatchesPart(ReadOnlySpan<byte> key)
    {
        foreach (var part in Parts)
        {
            if (part.Contains(key))
            {
                return true;
            }
        }

        return false;
    }
}

namespace RestKv.Core.Model;

/// <summary>
/// A set of keys as disjoint intervals in byte order. Overlapping and adjacent ranges are one interval, so a range that lies
/// in several of them together lies in the set. Immutable.
/// </summary>
public sealed class KeySet
{
    /// <summary>No key is empty, so a range that begins before the first key begins with it. (Above what is made with it.)</summary>
    private static readonly byte[] FirstKey = [0];

    public static readonly KeySet Empty = new([]);

    public static readonly KeySet All = Of([KeyRange.All]);

    private readonly Interval[] _intervals;

    private KeySet(Interval[] intervals) => _intervals = intervals;

    public bool IsEmpty => _intervals.Length == 0;

    public bool IsAll => _intervals is [{ End: null } only] && only.Start.AsSpan().SequenceCompareTo(FirstKey) <= 0;

    public static KeySet Of(IEnumerable<KeyRange> ranges)
    {
        var sorted = ranges.Where(range => !range.IsEmpty).Select(IntervalOf).ToList();
        sorted.Sort(static (left, right) => left.Start.AsSpan().SequenceCompareTo(right.Start));
        var joined = new List<Interval>();
        foreach (var next in sorted)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Reaches(next.Start))
            {
                joined[^1] = last with { End = Later(last.End, next.End) };
            }
            else
            {
                joined.Add(next);
            }
        }

        return new KeySet([.. joined]);
    }

    public bool Contains(ReadOnlySpan<byte> key) => TryFind(key, out _);

    /// <summary>
    /// Whether every key of the range is in the set. A range whose end is not above its start has no keys; as in etcd it takes
    /// its start, so that a mistake is answered as the range that was meant would be.
    /// </summary>
    public bool Contains(in KeyRange range)
    {
        if (range.Kind == KeyRangeKind.Single)
        {
            return Contains(range.Start.Span);
        }

        var start = range.Start.IsEmpty ? FirstKey : range.Start.Span;
        if (range.Kind == KeyRangeKind.From)
        {
            return TryFind(start, out var open) && open.End is null;
        }

        var end = range.End.Span;
        return TryFind(start, out var found) && (start.SequenceCompareTo(end) >= 0 || found.Reaches(end));
    }

    /// <summary>
    /// The end of the interval that a key lies in: everything from the key up to there is in the set. Null is no end.
    /// </summary>
    /// <returns>False when the key is not in the set.</returns>
    internal bool TryFindEnd(ReadOnlySpan<byte> key, out byte[]? end)
    {
        var isFound = TryFind(key, out var interval);
        end = interval.End;
        return isFound;
    }

    private bool TryFind(ReadOnlySpan<byte> key, out Interval interval)
    {
        var at = LastFrom(key);
        interval = at < 0 ? default : _intervals[at];
        return at >= 0 && (interval.End is null || key.SequenceCompareTo(interval.End) < 0);
    }

    /// <summary>The last interval that starts at a key or before it; -1 when there is none.</summary>
    private int LastFrom(ReadOnlySpan<byte> key)
    {
        var low = 0;
        var high = _intervals.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_intervals[middle].Start.AsSpan().SequenceCompareTo(key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    private static Interval IntervalOf(KeyRange range)
    {
        var start = range.Start.IsEmpty ? FirstKey : range.Start.ToArray();
        return range.Kind switch
        {
            KeyRangeKind.Single => new Interval(start, [.. start, 0]),
            KeyRangeKind.From => new Interval(start, null),
            _ => new Interval(start, range.End.ToArray()),
        };
    }

    private static byte[]? Later(byte[]? left, byte[]? right) =>
        left is null || right is null ? null : left.AsSpan().SequenceCompareTo(right) >= 0 ? left : right;

    /// <param name="End">Not in it; null when it has no end.</param>
    private readonly record struct Interval(byte[] Start, byte[]? End)
    {
        /// <summary>Whether it goes at least up to a key, which itself need not be in it.</summary>
        public bool Reaches(ReadOnlySpan<byte> key) => End is null || key.SequenceCompareTo(End) <= 0;
    }
}

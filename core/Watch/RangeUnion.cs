using System.Collections.Immutable;
using RestKv.Core.Model;

namespace RestKv.Core.Watch;

/// <summary>Key ranges made disjoint and put in order, and the search in such a list.</summary>
public static class RangeUnion
{
    public static ImmutableArray<KeyRange> Of(IEnumerable<KeyRange> ranges)
    {
        var sorted = ranges.Where(range => !range.IsEmpty).ToList();
        sorted.Sort(static (left, right) => left.Start.Span.SequenceCompareTo(right.Start.Span));
        var result = ImmutableArray.CreateBuilder<KeyRange>();
        foreach (var range in sorted)
        {
            if (result.Count > 0 && Touches(result[^1], range))
            {
                result[^1] = Join(result[^1], range);
            }
            else
            {
                result.Add(range);
            }
        }

        return result.ToImmutable();
    }

    public static bool Contains(ImmutableArray<KeyRange> union, ReadOnlySpan<byte> key)
    {
        var low = 0;
        var high = union.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (union[middle].Start.Span.SequenceCompareTo(key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low > 0 && union[low - 1].Contains(key);
    }

    /// <summary>The second starts inside the first or right at its end.</summary>
    private static bool Touches(in KeyRange first, in KeyRange second) => first.Kind switch
    {
        KeyRangeKind.From => true,
        KeyRangeKind.Single => second.Start.Span.SequenceEqual(first.Start.Span),
        _ => second.Start.Span.SequenceCompareTo(first.End.Span) <= 0,
    };

    private static KeyRange Join(in KeyRange first, in KeyRange second)
    {
        if (first.Kind == KeyRangeKind.From || second.Kind == KeyRangeKind.From)
        {
            return KeyRange.From(first.Start);
        }

        if (first.Kind == KeyRangeKind.Single && second.Kind == KeyRangeKind.Single)
        {
            return first;
        }

        var firstEnd = EndOf(first);
        var secondEnd = EndOf(second);
        return KeyRange.Between(first.Start, firstEnd.Span.SequenceCompareTo(secondEnd.Span) >= 0 ? firstEnd : secondEnd);
    }

    /// <summary>The first key above the range; of a single key that is the key with a zero byte after it.</summary>
    private static ReadOnlyMemory<byte> EndOf(in KeyRange range)
    {
        if (range.Kind == KeyRangeKind.HalfOpen)
        {
            return range.End;
        }

        var end = new byte[range.Start.Length + 1];
        range.Start.CopyTo(end);
        return end;
    }
}

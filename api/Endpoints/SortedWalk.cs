using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Endpoints;

/// <summary>
/// Entries of a range in another order than that of their keys: all of them are held at once, so their number is bounded.
/// Equal numbers are put in key order, which makes the order total and a page's successor well defined.
/// </summary>
internal static class SortedWalk
{
    /// <summary>All entries in order, after the cursor's item; null with the problem when there are too many.</summary>
    public static List<KeyValue>? TryCollect(ReadView view, long revision, ListRequest request, out Problem? problem)
    {
        problem = null;
        var entries = new List<KeyValue>();
        var walk = new RangeWalk(view, revision, request with { IsDescending = false });
        while (walk.MoveNext())
        {
            if (entries.Count == HttpLimits.SortedItemsMax)
            {
                problem = new Problem(
                    ProblemCatalog.InvalidRange, $"sorting takes ranges of at most {HttpLimits.SortedItemsMax} keys");
                return null;
            }

            entries.Add(walk.Current);
        }

        entries.Sort((left, right) => Compare(left, right, request));
        if (request.Cursor is { } cursor)
        {
            var last = entries.FindIndex(entry => entry.Key.Span.SequenceEqual(cursor.Last));
            entries.RemoveRange(0, last + 1);
        }

        return entries;
    }

    private static int Compare(in KeyValue left, in KeyValue right, ListRequest request)
    {
        var order = NumberOf(left, request.Sort).CompareTo(NumberOf(right, request.Sort));
        order = order != 0 ? order : left.Key.Span.SequenceCompareTo(right.Key.Span);
        return request.IsDescending ? -order : order;
    }

    private static long NumberOf(in KeyValue entry, SortTarget target) => target switch
    {
        SortTarget.ModRevision => entry.ModRevision,
        SortTarget.CreateRevision => entry.CreateRevision,
        SortTarget.Version => entry.Version,
        _ => 0,
    };
}

using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.Model;

public sealed partial class KvModel
{
    /// <summary>A read outside the log, judged with the given revision as "now" and the given floor.</summary>
    public OperationResult Read(RangeRequest request, long now, long floor)
    {
        if (request.Revision > now)
        {
            return new OperationResult.Rejected(now, new Rejection(RejectionCode.RevisionInFuture, now));
        }

        if (request.Revision < 0 || (request.Revision > 0 && request.Revision < floor))
        {
            return new OperationResult.Rejected(now, new Rejection(RejectionCode.RevisionCompacted, floor));
        }

        return new OperationResult.Get(now, Evaluate(request, now));
    }

    private RangeResult Evaluate(RangeRequest request) => Evaluate(request, Revision);

    /// <summary>Fetch in key order, filter, sort, cut; the count ignores filters and limit (contract 2.3).</summary>
    private RangeResult Evaluate(RangeRequest request, long now)
    {
        var at = request.Revision > 0 ? request.Revision : now;
        var live = Live(request.Range, at);
        long count = request.WantCount || request.CountOnly ? live.Count : -1;
        if (request.CountOnly)
        {
            return new RangeResult([], count, false);
        }

        var items = live.FindAll(entry => PassesFilters(request, entry));
        Sort(request, items);
        var more = false;
        if (request.Limit > 0 && items.Count > request.Limit)
        {
            items.RemoveRange((int)request.Limit, items.Count - (int)request.Limit);
            more = true;
        }

        if (request.KeysOnly)
        {
            items = items.ConvertAll(entry => entry with { Value = default });
        }

        return new RangeResult(items, count, more);
    }

    private static bool PassesFilters(RangeRequest request, KeyValue entry) =>
        (request.MinModRevision == 0 || entry.ModRevision >= request.MinModRevision)
        && (request.MaxModRevision == 0 || entry.ModRevision <= request.MaxModRevision)
        && (request.MinCreateRevision == 0 || entry.CreateRevision >= request.MinCreateRevision)
        && (request.MaxCreateRevision == 0 || entry.CreateRevision <= request.MaxCreateRevision);

    private static void Sort(RangeRequest request, List<KeyValue> items)
    {
        var ordered = items.Order(Comparer<KeyValue>.Create((left, right) => SortOrderOf(request, left, right))).ToList();
        if (request.SortOrder == SortOrder.Descending)
        {
            ordered.Reverse();
        }

        items.Clear();
        items.AddRange(ordered);
    }

    /// <summary>Order by the sort target alone, ascending; entries that compare equal may come in any order.</summary>
    internal static int SortOrderOf(RangeRequest request, KeyValue left, KeyValue right) => request.SortTarget switch
    {
        SortTarget.Version => left.Version.CompareTo(right.Version),
        SortTarget.CreateRevision => left.CreateRevision.CompareTo(right.CreateRevision),
        SortTarget.ModRevision => left.ModRevision.CompareTo(right.ModRevision),
        SortTarget.Value => string.CompareOrdinal(Bytes.Name(left.Value), Bytes.Name(right.Value)),
        _ => string.CompareOrdinal(Bytes.Name(left.Key), Bytes.Name(right.Key)),
    };
}

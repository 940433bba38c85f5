using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Mvcc;

/// <summary>
/// Range reads, as etcd evaluates them: filters, then sort, then limit; the count looks at neither. One rule is kept on
/// purpose although it surprises: sorting by something other than the key without giving an order sorts, ascending, only
/// the limit + 1 pairs that come first by key. Ties stay in key order.
/// </summary>
internal static class RangeExecutor
{
    public static RangeResult Run(ReadView view, RangeRequest request)
    {
        var revision = request.Revision == 0 || Defects.Has(Defect.ReadNewestInsteadOfPast) ? view.Revision : request.Revision;
        view.CheckReadable(revision);
        if (request.CountOnly)
        {
            return new RangeResult([], Count(view, request.Range, revision), More: false);
        }

        return request.SortTarget == SortTarget.Key
            ? RunByKey(view, request, revision)
            : RunSorted(view, request, revision);
    }

    private static long Count(ReadView view, KeyRange range, long revision)
    {
        var isAll = range.Kind == KeyRangeKind.From && range.Start.Length == 0;
        return isAll && revision == view.Revision ? view.KeyCount : view.Scan(range, revision).CountRest();
    }

    /// <summary>In key order nothing needs to be gathered: the walk ends where the page ends.</summary>
    private static RangeResult RunByKey(ReadView view, RangeRequest request, long revision)
    {
        var cursor = view.Scan(request.Range, revision, request.SortOrder == SortOrder.Descending);
        var page = new Page(request);
        var seen = 0L;
        while (cursor.MoveNext())
        {
            seen++;
            if (Passes(ref cursor.Record.Header, request) && !page.TryAdd(cursor.Current))
            {
                break;
            }
        }

        var count = !request.WantCount ? -1 : page.IsFull ? CountAll(view, request, revision, seen, cursor) : seen;
        return new RangeResult(page.Items, count, page.IsFull && !Defects.Has(Defect.PageForgetsMore));
    }

    private static long CountAll(ReadView view, RangeRequest request, long revision, long seen, KeyCursor cursor) =>
        request.Range.Kind == KeyRangeKind.From && request.Range.Start.Length == 0 && revision == view.Revision
            ? view.KeyCount
            : seen + cursor.CountRest();

    private static RangeResult RunSorted(ReadView view, RangeRequest request, long revision)
    {
        var cursor = view.Scan(request.Range, revision);
        var isFirstPageOnly = request.SortOrder == SortOrder.None && request.Limit > 0 && !HasFilter(request);
        var order = new SortedOrder(request.SortTarget, request.SortOrder == SortOrder.Descending);
        var found = new List<KeyValue>();
        var trimAt = request.Limit is > 0 and < 1 << 28 ? Math.Max(1024, 2 * (request.Limit + 1)) : long.MaxValue;
        var seen = 0L;
        while ((!isFirstPageOnly || found.Count <= request.Limit) && cursor.MoveNext())
        {
            seen++;
            if (!Passes(ref cursor.Record.Header, request))
            {
                continue;
            }

            found.Add(cursor.Current);
            if (found.Count >= trimAt)
            {
                // Only the first limit + 1 can be in the answer: memory stays bounded by the limit.
                found.Sort(order);
                found.RemoveRange((int)request.Limit + 1, found.Count - (int)request.Limit - 1);
            }
        }

        found.Sort(order);
        var page = new Page(request);
        foreach (var item in found)
        {
            if (!page.TryAdd(item))
            {
                break;
            }
        }

        var count = request.WantCount ? seen + cursor.CountRest() : -1;
        return new RangeResult(page.Items, count, page.IsFull);
    }

    private static bool HasFilter(RangeRequest request) =>
        request.MinModRevision != 0 || request.MaxModRevision != 0
        || request.MinCreateRevision != 0 || request.MaxCreateRevision != 0;

    private static bool Passes(ref RecordHeader header, RangeRequest request) =>
        (request.MaxModRevision == 0 || header.ModRevision <= request.MaxModRevision)
        && (request.MinModRevision == 0 || header.ModRevision >= request.MinModRevision)
        && (request.MaxCreateRevision == 0 || header.CreateRevision <= request.MaxCreateRevision)
        && (request.MinCreateRevision == 0 || header.CreateRevision >= request.MinCreateRevision);

    /// <summary>The answer under construction; full when something that belongs behind it was refused.</summary>
    private sealed class Page(RangeRequest request)
    {
        private long _bytes;

        public List<KeyValue> Items { get; } = [];

        public bool IsFull { get; private set; }

        public bool TryAdd(KeyValue item)
        {
            Invariant.Check(!IsFull);
            if (request.KeysOnly)
            {
                item = item with { Value = default };
            }

            var bytes = item.Key.Length + item.Value.Length;
            IsFull = (request.Limit > 0 && Items.Count >= request.Limit)
                || (request.BytesMax > 0 && Items.Count > 0 && _bytes + bytes > request.BytesMax);
            if (!IsFull)
            {
                Items.Add(item);
                _bytes += bytes;
            }

            return !IsFull;
        }
    }

    private sealed class SortedOrder(SortTarget target, bool isDescending) : IComparer<KeyValue>
    {
        public int Compare(KeyValue x, KeyValue y)
        {
            var order = target switch
            {
                SortTarget.Version => x.Version.CompareTo(y.Version),
                SortTarget.CreateRevision => x.CreateRevision.CompareTo(y.CreateRevision),
                SortTarget.ModRevision => x.ModRevision.CompareTo(y.ModRevision),
                SortTarget.Value => x.Value.Span.SequenceCompareTo(y.Value.Span),
                _ => 0,
            };
            if (order != 0)
            {
                return isDescending ? -order : order;
            }

            return x.Key.Span.SequenceCompareTo(y.Key.Span);
        }
    }
}

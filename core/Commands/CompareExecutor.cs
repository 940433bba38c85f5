using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Commands;

/// <summary>Judges one condition of a transaction against the state as it is.</summary>
internal static class CompareExecutor
{
    /// <summary>True when the condition holds for every key of its range; an empty range counts as one missing key.</summary>
    public static bool Holds(MvccState state, Compare compare)
    {
        if (compare.Range.Kind == KeyRangeKind.Single)
        {
            return state.TryGet(compare.Range.Start.Span, out var item) ? Holds(item, compare) : HoldsForMissing(compare);
        }

        return HoldForAll(state.Scan(compare.Range), compare);
    }

    /// <summary>As above, on a view.</summary>
    public static bool Holds(ReadView view, Compare compare)
    {
        if (compare.Range.Kind == KeyRangeKind.Single)
        {
            return view.TryGet(compare.Range.Start.Span, out var item) ? Holds(item, compare) : HoldsForMissing(compare);
        }

        return HoldForAll(view.Scan(compare.Range, view.Revision), compare);
    }

    private static bool HoldForAll(KeyCursor cursor, Compare compare)
    {
        var any = false;
        while (cursor.MoveNext())
        {
            any = true;
            if (!Holds(cursor.Current, compare))
            {
                return false;
            }
        }

        return any || HoldsForMissing(compare);
    }

    private static bool Holds(in KeyValue item, Compare compare) => compare.Target switch
    {
        CompareTarget.Version => Judge(item.Version.CompareTo(compare.Number), compare.Operator),
        CompareTarget.CreateRevision => Judge(item.CreateRevision.CompareTo(compare.Number), compare.Operator),
        CompareTarget.ModRevision => Judge(item.ModRevision.CompareTo(compare.Number), compare.Operator),
        CompareTarget.Lease => Judge(item.Lease.Value.CompareTo(compare.Number), compare.Operator),
        _ => Judge(item.Value.Span.SequenceCompareTo(compare.Bytes.Span), compare.Operator),
    };

    private static bool HoldsForMissing(Compare compare) =>
        (compare.Target != CompareTarget.Value || Defects.Has(Defect.CompareValueOfMissingKey))
            && Judge(0L.CompareTo(compare.Number), compare.Operator);

    private static bool Judge(int order, CompareOperator comparison) => comparison switch
    {
        CompareOperator.Equal => order == 0,
        CompareOperator.Greater => order > 0,
        CompareOperator.Less => order < 0,
        _ => order != 0,
    };
}

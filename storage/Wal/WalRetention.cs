using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>Which segments may go once a snapshot is durable.</summary>
internal static class WalRetention
{
    /// <summary>
    /// Number of leading segments of which nothing is needed to rebuild the entries from <paramref name="keepFrom"/> on.
    /// A segment's name holds the lowest index it could rewrite when it was begun, so everything from that index on is
    /// found in it or behind it, however often suffixes were overwritten. The last segment is never counted.
    /// </summary>
    public static int CountRemovable(ReadOnlySpan<WalSegment> segments, LogIndex keepFrom)
    {
        for (var i = segments.Length - 1; i > 0; i--)
        {
            if (segments[i].FirstIndex <= keepFrom)
            {
                return i;
            }
        }

        return 0;
    }

    /// <summary>Removes or recycles them, oldest first and each made durable, so that a crash never leaves a gap.</summary>
    public static int Trim(WalSegmentList segments, WalSegmentPool pool, LogIndex keepFrom, IWritePace pace)
    {
        var all = segments.ToArray();
        var count = CountRemovable(all, Defects.Has(Defect.TrimLogTooFar) ? new LogIndex(keepFrom.Value + 20) : keepFrom);
        for (var i = 0; i < count; i++)
        {
            pool.Recycle(all[i]);
            segments.RemoveFirst(all[i]);
            pace.Rest();
        }

        return count;
    }
}

namespace RestKv.Core.Mvcc;

/// <summary>A stretch of records in one chunk that follow each other in the change log.</summary>
internal struct LogRun
{
    /// <summary>Revision of its last record; not meaningful while the run is open.</summary>
    public long LastRevision;

    public long Address;

    public int Length;
}

/// <summary>The change log as a view sees it: runs that never change, the last one cut where the view ends.</summary>
internal readonly struct LogWindow(LogRun[] runs, int start, int count, int lastLength)
{
    public int Start => start;

    public int End => count;

    public long AddressOf(int run) => runs[run].Address;

    public int LengthOf(int run) => run == count - 1 ? lastLength : runs[run].Length;

    /// <summary>The first run that may hold a record of the revision or a later one.</summary>
    public int Seek(long revision)
    {
        var low = start;
        var high = count - 1;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (runs[middle].LastRevision < revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}

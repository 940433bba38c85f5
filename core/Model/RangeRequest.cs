namespace RestKv.Core.Model;

public enum SortTarget : byte
{
    Key = 0,
    Version = 1,
    CreateRevision = 2,
    ModRevision = 3,
    Value = 4,
}

public enum SortOrder : byte
{
    None = 0,
    Ascending = 1,
    Descending = 2,
}

/// <summary>A read of a range, as etcd's (rules: filters, then sort, then limit; the count ignores filters and limit).</summary>
public sealed record RangeRequest(KeyRange Range)
{
    /// <summary>0 means now. Negative values are refused as compacted.</summary>
    public long Revision { get; init; }

    /// <summary>0 means no limit.</summary>
    public long Limit { get; init; }

    public SortTarget SortTarget { get; init; }

    public SortOrder SortOrder { get; init; }

    /// <summary>0 means no filter.</summary>
    public long MinModRevision { get; init; }

    public long MaxModRevision { get; init; }

    public long MinCreateRevision { get; init; }

    public long MaxCreateRevision { get; init; }

    public bool KeysOnly { get; init; }

    public bool CountOnly { get; init; }

    /// <summary>Counting walks the whole range even when the limit ends the page early: only on request.</summary>
    public bool WantCount { get; init; }

    /// <summary>The page also ends when keys and values exceed this; 0 means no bound. At least one item is returned.</summary>
    public long BytesMax { get; init; }
}

/// <summary>Answer to a <see cref="RangeRequest"/>.</summary>
/// <param name="Count">Keys in the range before filters and limit; -1 when it was not asked for.</param>
/// <param name="More">True when the limit or the byte bound cut the answer.</param>
public sealed record RangeResult(IReadOnlyList<KeyValue> Items, long Count, bool More);

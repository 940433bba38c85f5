using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Core.Watch;

/// <summary>
/// Walks the state at one revision in key order, in bounded turns, each on the newest view, since whoever keeps a view keeps
/// the memory that was freed since. The last view that can read the revision is kept when the newest cannot: it is older, or compaction has passed.
/// </summary>
internal sealed class SnapshotReader(ReadView view, WatchFilter filter)
{
    private readonly WatchFilter _filter = filter;
    private ReadView _view = view;
    private int _range;
    private ReadOnlyMemory<byte> _resumeAt;
    private bool _resumes;

    public long Revision { get; } = view.Revision;

    /// <summary>True when the batch holds the last keys.</summary>
    public bool Read(WatchBatch batch, ReadView newest, WatchLimits limits)
    {
        if (newest.CompactedRevision <= Revision && newest.Revision >= Revision)
        {
            _view = newest;
        }

        var scanned = 0;
        for (; _range < _filter.Union.Length; _range++)
        {
            var range = _filter.Union[_range];
            var cursor = _view.Scan(_resumes ? Rest(range) : range, Revision);
            _resumes = false;
            while (cursor.MoveNext())
            {
                scanned++;
                var item = cursor.Current;
                if (_filter.MatchesKey(item.Key.Span))
                {
                    batch.Add(item);
                }

                if (batch.IsOver(limits, scanned, factor: 1))
                {
                    _resumes = true;
                    _resumeAt = Successor(item.Key.Span);
                    return false;
                }
            }
        }

        return true;
    }

    private KeyRange Rest(in KeyRange range) => range.Kind switch
    {
        KeyRangeKind.Single => KeyRange.Between(_resumeAt, _resumeAt),
        KeyRangeKind.From => KeyRange.From(_resumeAt),
        _ => KeyRange.Between(_resumeAt, range.End),
    };

    private static byte[] Successor(ReadOnlySpan<byte> key)
    {
        var next = new byte[key.Length + 1];
        key.CopyTo(next);
        return next;
    }
}

using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Mvcc;

/// <summary>Forward-only walk over live keys. Not thread safe; cheap to make.</summary>
public sealed class KeyCursor
{
    private const int WarmAhead = 16;

    private readonly ReadView _view;
    private readonly TreeCursor _tree;
    private readonly KeyRange _range;
    private readonly long _revision;
    private readonly bool _isDescending;
    private bool _isStarted;
    private bool _isAtEnd;
    private int _untilWarm = 2;
    private long _warmed;
    private RecordRef _record;

    internal KeyCursor(ReadView view, TreeCursor tree, KeyRange range, long revision, bool isDescending)
    {
        _view = view;
        _tree = tree;
        _range = range;
        _revision = revision;
        _isDescending = isDescending;
        _isAtEnd = range.IsEmpty;
    }

    public KeyValue Current => _view.ToKeyValue(_record);

    /// <summary>The current record, for readers inside the store.</summary>
    internal RecordRef Record => _record;

    public bool MoveNext()
    {
        while (MoveTree())
        {
            if (_view.TryFind(_tree.Value, _revision, out _record))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many live keys are left, without stopping at them; the cursor is at the end afterwards.</summary>
    internal long CountRest()
    {
        var count = 0L;
        while (MoveTree())
        {
            if (_view.TryFind(_tree.Value, _revision, out _))
            {
                count++;
            }
        }

        return count;
    }

    private bool MoveTree()
    {
        if (_isAtEnd)
        {
            return false;
        }

        var isFound = !_isStarted ? Start() : _isDescending ? _tree.MovePrevious() : _tree.MoveNext();
        _isStarted = true;
        _isAtEnd = !isFound || !IsInside(_tree.Key);
        if (--_untilWarm == 0)
        {
            Warm();
        }

        return !_isAtEnd;
    }

    /// <summary>
    /// Touches the records that come next. They lie scattered; since nothing depends on what is read here, the processor
    /// fetches them all at a time instead of one after the other (MvccBenchmarks.Range100: about half the time).
    /// </summary>
    private void Warm()
    {
        _untilWarm = WarmAhead;
        for (var ahead = 1; ahead <= WarmAhead; ahead++)
        {
            var address = _tree.Peek(_isDescending ? -ahead : ahead);
            if (address != Address.None)
            {
                ref var header = ref _view.Resolve(address).Header;
                _warmed += header.ModRevision + header.KeyLength;
            }
        }
    }

    private bool Start()
    {
        if (!_isDescending || _range.Kind == KeyRangeKind.Single)
        {
            return _tree.SeekCeiling(_range.Start.Span);
        }

        return _range.Kind == KeyRangeKind.From ? _tree.SeekLast() : _tree.SeekBelow(_range.End.Span);
    }

    /// <summary>Judges only the end that the walk moves towards.</summary>
    private bool IsInside(ReadOnlySpan<byte> key) => _range.Kind switch
    {
        KeyRangeKind.Single => key.SequenceEqual(_range.Start.Span),
        _ when _isDescending => key.SequenceCompareTo(_range.Start.Span) >= 0,
        KeyRangeKind.From => true,
        _ => key.SequenceCompareTo(_range.End.Span) < (Defects.Has(Defect.RangeTakesItsEnd) ? 1 : 0),
    };
}

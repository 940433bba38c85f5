namespace RestKv.Core.Mvcc;

/// <summary>Forward-only walk over the change log.</summary>
public sealed class ChangeCursor
{
    private readonly ReadView _view;
    private readonly LogWindow _log;
    private readonly long _fromRevision;
    private int _run;
    private RecordRef _record;
    private int _nextOffset;
    private int _endOffset;
    private Chunk _chunk = Chunk.Nothing;
    private Change _current;
    private bool _isBuilt;

    internal ChangeCursor(ReadView view, LogWindow log, long fromRevision)
    {
        _view = view;
        _log = log;
        _fromRevision = fromRevision;
        _run = log.Seek(fromRevision) - 1;
    }

    /// <summary>Built when first asked for, with the value before, which is elsewhere in memory.</summary>
    public Change Current
    {
        get
        {
            if (!_isBuilt)
            {
                _current = _view.ToChange(_record);
                _isBuilt = true;
            }

            return _current;
        }
    }

    internal RecordRef Record => _record;

    public bool MoveNext()
    {
        _isBuilt = false;
        while (true)
        {
            while (_nextOffset == _endOffset)
            {
                if (_run + 1 >= _log.End)
                {
                    return false;
                }

                _run++;
                var address = _log.AddressOf(_run);
                _chunk = _view.Resolve(address).Chunk;
                _nextOffset = Address.Offset(address);
                _endOffset = _nextOffset + _log.LengthOf(_run);
            }

            _record = new RecordRef(_chunk, _nextOffset);
            ref var header = ref _record.Header;
            _nextOffset += header.Size;
            if (header.ModRevision >= _fromRevision)
            {
                return true;
            }
        }
    }
}

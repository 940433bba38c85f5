namespace RestKv.Core.Mvcc;

/// <summary>Walk over one key's versions, newest first.</summary>
public sealed class HistoryCursor
{
    private readonly ReadView _view;
    private readonly long _revision;
    private long _next;
    private RecordRef _record;

    internal HistoryCursor(ReadView view, long head, long revision)
    {
        _view = view;
        _revision = revision;
        _next = head;
    }

    public Change Current => _view.ToChange(_record);

    public bool MoveNext()
    {
        while (_next != Address.None)
        {
            _record = _view.Resolve(_next);
            ref var header = ref _record.Header;

            // The first version at or below the compacted revision is the last one retained: its link may dangle.
            var isLast = header.ModRevision <= _view.CompactedRevision;
            _next = isLast ? Address.None : Volatile.Read(ref header.Previous);
            if (header.ModRevision > _revision)
            {
                continue;
            }

            // A deletion below the compacted revision says the same as nothing; some members may still have it.
            return !header.IsDeletion || header.ModRevision >= _view.CompactedRevision;
        }

        return false;
    }
}

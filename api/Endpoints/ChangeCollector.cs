using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Endpoints;

/// <summary>
/// Gathers the changes of a range after a revision, whole revisions at a time, and remembers how far it has looked, so that
/// a long poll looks at each change once. Owned by one request.
/// </summary>
internal sealed class ChangeCollector(KeyRange range, long since, int limit)
{
    private readonly List<Change> _changes = [];

    public IReadOnlyList<Change> Changes => _changes;

    /// <summary>Everything up to this revision has been looked at: where the next request goes on.</summary>
    public long Next { get; private set; } = since;

    /// <summary>True when the limit ended the look before the view did.</summary>
    public bool IsCut { get; private set; }

    /// <summary>True when history was given up before it could be read.</summary>
    public bool IsCompacted { get; private set; }

    /// <summary>Looks at what is new in a view; true when there is something to answer with.</summary>
    public bool Look(ReadView view)
    {
        if (_changes.Count > 0 || view.Revision <= Next)
        {
            return _changes.Count > 0;
        }

        if (Next + 1 < view.CompactedRevision)
        {
            IsCompacted = true;
            return true;
        }

        var cursor = view.Changes(Next + 1);
        while (cursor.MoveNext())
        {
            var change = cursor.Current;
            if (range.Contains(change.KeyValue.Key.Span))
            {
                _changes.Add(change);
            }

            if (change.LastOfRevision)
            {
                Next = change.KeyValue.ModRevision;
                if (_changes.Count >= limit)
                {
                    IsCut = Next < view.Revision;
                    return true;
                }
            }
        }

        Next = view.Revision;
        return _changes.Count > 0;
    }
}

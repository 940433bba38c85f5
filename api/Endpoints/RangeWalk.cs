using RestKv.Api.Http;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Endpoints;

/// <summary>
/// Walks a range at one revision in key order and gives out keys and, with a delimiter, groups of keys. A group costs one
/// look into the index however many keys it has. Owned by one request.
/// </summary>
internal sealed class RangeWalk
{
    private readonly ReadView _view;
    private readonly long _revision;
    private readonly ListRequest _request;
    private KeyCursor _cursor;

    public RangeWalk(ReadView view, long revision, ListRequest request, ListCursor? after = null)
    {
        _view = view;
        _revision = revision;
        _request = request;
        _cursor = Open(after is null ? request.Range : Beyond(after.Last, after.IsGroup));
    }

    /// <summary>True when <see cref="Group"/> is the item, else <see cref="Current"/> is.</summary>
    public bool IsGroup { get; private set; }

    public KeyValue Current { get; private set; }

    /// <summary>What the keys of the group share, delimiter included.</summary>
    public ReadOnlyMemory<byte> Group { get; private set; }

    /// <summary>The item's bytes, for a cursor after it.</summary>
    public ReadOnlyMemory<byte> Position => IsGroup ? Group : Current.Key;

    public bool MoveNext()
    {
        if (IsGroup)
        {
            _cursor = Open(Beyond(Group, isGroup: true));
            IsGroup = false;
        }

        while (_cursor.MoveNext())
        {
            var entry = _cursor.Current;
            if (!Passes(entry))
            {
                continue;
            }

            Current = entry;
            var length = GroupLength(entry.Key.Span);
            if (length > 0)
            {
                IsGroup = true;
                Group = entry.Key[..length];
            }

            return true;
        }

        return false;
    }

    private bool Passes(in KeyValue entry) =>
        entry.ModRevision >= _request.MinModRevision
        && (_request.MaxModRevision == 0 || entry.ModRevision <= _request.MaxModRevision);

    private int GroupLength(ReadOnlySpan<byte> key)
    {
        if (_request.Delimiter.Length == 0)
        {
            return 0;
        }

        var at = key[_request.PrefixLength..].IndexOf(_request.Delimiter);
        return at < 0 ? 0 : _request.PrefixLength + at + _request.Delimiter.Length;
    }

    private KeyCursor Open(KeyRange range) => _view.Scan(range, _revision, _request.IsDescending);

    /// <summary>
    /// The part of the range that comes after an item in the direction of the walk. Never more than the range, wherever the item lies:
    /// a cursor comes from the client, who may have made it up, and the right to read was asked for the range.
    /// </summary>
    private KeyRange Beyond(ReadOnlyMemory<byte> position, bool isGroup)
    {
        var range = _request.Range;
        if (range.Kind == KeyRangeKind.Single)
        {
            return KeyRange.Between(range.Start, range.Start);
        }

        if (_request.IsDescending)
        {
            return range.Kind == KeyRangeKind.From || position.Span.SequenceCompareTo(range.End.Span) < 0
                ? Between(range.Start, position)
                : range;
        }

        if (!isGroup)
        {
            // The smallest key above a key is the key and a zero byte.
            return From((byte[])[.. position.Span, 0], range);
        }

        var members = KeyRange.Prefix(position);
        return members.Kind == KeyRangeKind.From ? KeyRange.Between(position, position) : From(members.End, range);
    }

    private static KeyRange From(ReadOnlyMemory<byte> start, in KeyRange range) =>
        start.Span.SequenceCompareTo(range.Start.Span) < 0 ? range
        : range.Kind == KeyRangeKind.From ? KeyRange.From(start)
        : Between(start, range.End);

    private static KeyRange Between(ReadOnlyMemory<byte> start, ReadOnlyMemory<byte> end) =>
        KeyRange.Between(start, start.Span.SequenceCompareTo(end.Span) < 0 ? end : start);
}

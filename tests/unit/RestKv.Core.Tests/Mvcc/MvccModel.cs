using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>
/// The naive store: every change ever made, in a list. Slow, obvious, and shares nothing with the real one but the
/// contract's types. Reads are done by looking through everything.
/// </summary>
internal sealed class MvccModel
{
    private readonly List<KeyValue> _open = [];
    private readonly List<DeleteCause> _openCauses = [];
    private long _wallTimeMs;
    private string _author = string.Empty;

    public List<(KeyValue Kv, DeleteCause Cause, int Sub, bool IsLast)> History { get; } = [];

    public long Revision { get; private set; } = 1;

    public long CompactedRevision { get; private set; }

    public void Begin(long wallTimeMs, string author) => (_wallTimeMs, _author) = (wallTimeMs, author);

    public void Put(byte[] key, byte[] value, LeaseId lease)
    {
        var before = Newest(key);
        var created = before?.CreateRevision ?? Revision + 1;
        _open.Add(new KeyValue(
            key, value, created, Revision + 1, (before?.Version ?? 0) + 1, lease, _wallTimeMs, _author));
        _openCauses.Add(DeleteCause.None);
    }

    public bool Delete(byte[] key, DeleteCause cause)
    {
        if (Newest(key) is null)
        {
            return false;
        }

        _open.Add(new KeyValue(key, default, 0, Revision + 1, 0, LeaseId.None, _wallTimeMs, _author));
        _openCauses.Add(cause);
        return true;
    }

    public long End()
    {
        for (var i = 0; i < _open.Count; i++)
        {
            History.Add((_open[i], _openCauses[i], i, i == _open.Count - 1));
        }

        Revision += _open.Count > 0 ? 1 : 0;
        _open.Clear();
        _openCauses.Clear();
        return Revision;
    }

    public void Compact(long revision) => CompactedRevision = revision;

    /// <summary>The newest version, the open request included.</summary>
    public KeyValue? Newest(ReadOnlyMemory<byte> key)
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            if (_open[i].Key.Span.SequenceEqual(key.Span))
            {
                return _openCauses[i] == DeleteCause.None ? _open[i] : null;
            }
        }

        return At(key, Revision);
    }

    public KeyValue? At(ReadOnlyMemory<byte> key, long revision)
    {
        for (var i = History.Count - 1; i >= 0; i--)
        {
            var (kv, cause, _, _) = History[i];
            if (kv.ModRevision <= revision && kv.Key.Span.SequenceEqual(key.Span))
            {
                return cause == DeleteCause.None ? kv : null;
            }
        }

        return null;
    }

    public List<KeyValue> Live(KeyRange range, long revision)
    {
        var newest = new SortedDictionary<byte[], KeyValue?>(Comparer<byte[]>.Create(
            static (x, y) => x.AsSpan().SequenceCompareTo(y)));
        foreach (var (kv, cause, _, _) in History)
        {
            if (kv.ModRevision <= revision && range.Contains(kv.Key.Span))
            {
                newest[kv.Key.ToArray()] = cause == DeleteCause.None ? kv : null;
            }
        }

        return [.. newest.Values.OfType<KeyValue>()];
    }

    public List<Change> Changes(long from, long revision, long compacted) =>
    [
        .. History
            .Where(change => change.Kv.ModRevision >= from && change.Kv.ModRevision <= revision)
            .Select(change => ToChange(change, compacted)),
    ];

    public List<Change> KeyHistory(ReadOnlyMemory<byte> key, long revision, long compacted)
    {
        var result = new List<Change>();
        for (var i = History.Count - 1; i >= 0; i--)
        {
            var (kv, cause, _, _) = History[i];
            if (kv.ModRevision > revision || !kv.Key.Span.SequenceEqual(key.Span))
            {
                continue;
            }

            if (kv.ModRevision >= compacted || cause == DeleteCause.None)
            {
                result.Add(ToChange(History[i], compacted));
            }

            if (kv.ModRevision <= compacted)
            {
                break;
            }
        }

        return result;
    }

    private Change ToChange((KeyValue Kv, DeleteCause Cause, int Sub, bool IsLast) change, long compacted)
    {
        var isReadable = change.Kv.ModRevision - 1 >= Math.Max(compacted, 1);
        var previous = isReadable ? At(change.Kv.Key, change.Kv.ModRevision - 1) : null;
        var isCreation = change.Cause == DeleteCause.None && change.Kv.CreateRevision == change.Kv.ModRevision;
        return new Change(change.Kv, change.Cause, change.Sub, change.IsLast, isCreation ? null : previous);
    }
}

using System.Runtime.InteropServices;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Watch;

/// <summary>
/// Finds whoever wants a key, in time that depends on how many do and not on how many there are: single keys by hash,
/// ranges by an interval tree. Owned by one thread.
/// </summary>
internal sealed class RangeIndex<T>
    where T : class
{
    private readonly Dictionary<ReadOnlyMemory<byte>, Bucket> _single = new(KeyComparer.Instance);
    private readonly Dictionary<ReadOnlyMemory<byte>, Bucket>.AlternateLookup<ReadOnlySpan<byte>> _singleByBytes;
    private readonly IntervalTree<Bucket> _ranges = new();
    private readonly List<Bucket> _found = [];

    public RangeIndex()
    {
        _singleByBytes = _single.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public int Count { get; private set; }

    public Entry Add(in WatchRange range, T target)
    {
        var bucket = range.Range.Kind == KeyRangeKind.Single ? SingleBucket(range.Range) : RangeBucket(range.Range);
        var entry = new Entry(target, bucket, range);
        bucket.Add(entry);
        Count++;
        return entry;
    }

    public void Remove(Entry entry)
    {
        var bucket = entry.Bucket;
        bucket.Remove(entry);
        Count--;
        if (bucket.Entries.Count > 0)
        {
            return;
        }

        if (bucket.Range.Kind == KeyRangeKind.Single)
        {
            Invariant.Check(_single.Remove(bucket.Range.Start));
        }
        else
        {
            Invariant.Check(_ranges.Remove(bucket.Range));
        }
    }

    /// <summary>Adds everyone who wants the key; one with overlapping ranges more than once.</summary>
    public void Collect(ReadOnlySpan<byte> key, List<T> into)
    {
        if (_singleByBytes.TryGetValue(key, out var single))
        {
            single.CollectAll(into);
        }

        _found.Clear();
        _ranges.Stab(key, _found);
        foreach (var bucket in _found)
        {
            bucket.Collect(key, into);
        }
    }

    private Bucket SingleBucket(in KeyRange range)
    {
        ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_single, range.Start, out _);
        return bucket ??= new Bucket(range);
    }

    private Bucket RangeBucket(in KeyRange range)
    {
        if (_ranges.Find(range) is { } found)
        {
            return found;
        }

        var made = new Bucket(range);
        _ranges.Add(range, made);
        return made;
    }

    /// <summary>One range of one target; what <see cref="Remove"/> needs.</summary>
    internal sealed class Entry(T target, Bucket bucket, in WatchRange range)
    {
        public readonly T Target = target;
        public readonly Bucket Bucket = bucket;
        public readonly WatchRange Range = range;

        /// <summary>Place in the bucket, so that leaving does not search among ten thousand.</summary>
        public int Place;
    }

    /// <summary>All who asked for exactly the same range.</summary>
    internal sealed class Bucket(in KeyRange range)
    {
        public readonly KeyRange Range = range;
        public readonly List<Entry> Entries = [];
        private int _withDepth;

        public void Add(Entry entry)
        {
            entry.Place = Entries.Count;
            Entries.Add(entry);
            _withDepth += entry.Range.Depth > 0 ? 1 : 0;
        }

        public void Remove(Entry entry)
        {
            Invariant.Check(Entries[entry.Place] == entry);
            var last = Entries[^1];
            Entries[entry.Place] = last;
            last.Place = entry.Place;
            Entries.RemoveAt(Entries.Count - 1);
            _withDepth -= entry.Range.Depth > 0 ? 1 : 0;
        }

        public void CollectAll(List<T> into)
        {
            foreach (var entry in Entries)
            {
                into.Add(entry.Target);
            }
        }

        public void Collect(ReadOnlySpan<byte> key, List<T> into)
        {
            if (_withDepth == 0)
            {
                CollectAll(into);
                return;
            }

            foreach (var entry in Entries)
            {
                if (entry.Range.IsWithinDepth(key))
                {
                    into.Add(entry.Target);
                }
            }
        }
    }
}

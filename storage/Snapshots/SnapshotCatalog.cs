using RestKv.Raft;

namespace RestKv.Storage.Snapshots;

/// <summary>
/// The snapshot files of one member. The newest intact one counts; a damaged one is left where it is, for the operator,
/// until two intact ones are newer. Safe from any thread.
/// </summary>
internal sealed class SnapshotCatalog
{
    /// <summary>One is in use, one is what recovery falls back to.</summary>
    public const int KeptMin = 1;

    private readonly IFileSystem _files;
    private readonly ClusterId _cluster;

    // A lock and not a queue: it guards a list of a handful of names.
    private readonly Lock _gate = new();
    private readonly List<Item> _items = []; // oldest first
    private long _nextPart = 1;

    private SnapshotCatalog(IFileSystem files, ClusterId cluster)
    {
        _files = files;
        _cluster = cluster;
    }

    /// <summary>Lists the directory and removes what a crash left half written.</summary>
    public static SnapshotCatalog Open(IFileSystem files, ClusterId cluster)
    {
        foreach (var name in files.List(SnapshotFormat.Directory))
        {
            if (name.EndsWith(SnapshotFormat.PartSuffix, StringComparison.Ordinal))
            {
                files.Remove($"{SnapshotFormat.Directory}/{name}");
            }
        }

        // A name that a crash left visible but not durable must be durable before the log is trimmed because of it.
        files.SyncDirectory(SnapshotFormat.Directory);
        return List(files, cluster);
    }

    /// <summary>Lists the directory and changes nothing.</summary>
    public static SnapshotCatalog List(IFileSystem files, ClusterId cluster)
    {
        var catalog = new SnapshotCatalog(files, cluster);
        foreach (var name in files.List(SnapshotFormat.Directory))
        {
            if (SnapshotFormat.TryParseName(name, out var index, out var term))
            {
                catalog._items.Add(new Item(index, term));
            }
        }

        return catalog;
    }

    /// <summary>Path of a file that is being written.</summary>
    public string NextPartPath()
    {
        lock (_gate)
        {
            return FormattableString.Invariant(
                $"{SnapshotFormat.Directory}/{_nextPart++:D20}{SnapshotFormat.PartSuffix}");
        }
    }

    /// <summary>
    /// Opens the newest intact snapshot, read through and verified; null when there is none. Damaged ones met on the way
    /// are put into <paramref name="damaged"/>.
    /// </summary>
    public SnapshotReader? OpenNewest(ICollection<SnapshotCorruptException> damaged)
    {
        foreach (var item in NewestFirst())
        {
            SnapshotReader? reader = null;
            try
            {
                reader = SnapshotReader.Open(_files, item.Path);
                if (reader.Cluster != _cluster)
                {
                    throw new SnapshotCorruptException(item.Path, 0, $"it belongs to cluster {reader.Cluster}");
                }

                reader.Verify();
                return reader;
            }
            catch (SnapshotCorruptException e)
            {
                reader?.Dispose();
                damaged.Add(e);
                MarkDamaged(item);
            }
        }

        return null;
    }

    /// <summary>Opens the snapshot of exactly this place; null when it is not there any more.</summary>
    public SnapshotReader? TryOpen(LogIndex index, Term term)
    {
        var path = SnapshotFormat.PathOf(index, term);
        return _files.Exists(path) ? SnapshotReader.Open(_files, path) : null;
    }

    /// <summary>Opens the newest file that reaches at least so far, as bytes; null when there is none.</summary>
    public SnapshotFileBytes? TryOpenBytes(LogIndex atLeast)
    {
        foreach (var item in NewestFirst())
        {
            if (!item.IsDamaged && item.Index >= atLeast && _files.Exists(item.Path))
            {
                return new SnapshotFileBytes(_files.Open(item.Path, writable: false), item.Index, item.Term);
            }
        }

        return null;
    }

    /// <summary>Takes note of a snapshot that is durable now.</summary>
    public void Add(SnapshotMark mark)
    {
        lock (_gate)
        {
            _items.RemoveAll(item => item.Index == mark.Index && item.Term == mark.Term);
            _items.Add(new Item(mark.Index, mark.Term));
            _items.Sort(static (left, right) =>
                left.Index != right.Index ? left.Index.CompareTo(right.Index) : left.Term.CompareTo(right.Term));
        }
    }

    /// <summary>Removes all but the newest files that are not known to be damaged; never the last of those.</summary>
    public void Prune(int keep)
    {
        Invariant.Check(keep >= KeptMin);
        var intact = 0;
        foreach (var item in NewestFirst())
        {
            if (intact >= keep)
            {
                _files.Remove(item.Path);
                lock (_gate)
                {
                    _items.Remove(item);
                }
            }
            else if (!item.IsDamaged)
            {
                intact++;
            }
        }

        _files.SyncDirectory(SnapshotFormat.Directory);
    }

    /// <summary>Index of the oldest of so many snapshots; zero when there are fewer that are not known to be damaged.</summary>
    public LogIndex OldestOf(int count)
    {
        foreach (var item in NewestFirst())
        {
            if (!item.IsDamaged && --count == 0)
            {
                return item.Index;
            }
        }

        return LogIndex.Zero;
    }

    private Item[] NewestFirst()
    {
        lock (_gate)
        {
            return [.. Enumerable.Reverse(_items)];
        }
    }

    private void MarkDamaged(Item item)
    {
        lock (_gate)
        {
            _items[_items.IndexOf(item)] = item with { IsDamaged = true };
        }
    }

    private readonly record struct Item(LogIndex Index, Term Term, bool IsDamaged = false)
    {
        public string Path => SnapshotFormat.PathOf(Index, Term);
    }
}

using RestKv.Raft;

namespace RestKv.Testing;

/// <summary>The directories of a virtual disk: names on the platter, names the process sees, changes between the two.</summary>
internal sealed class VirtualDiskNames
{
    private readonly List<Change> _unsynced = [];
    private SortedDictionary<string, VirtualDiskInode?> _durable = new(StringComparer.Ordinal);
    private SortedDictionary<string, VirtualDiskInode?> _current = new(StringComparer.Ordinal);

    /// <summary>Paths the process sees; a directory has no inode.</summary>
    public IReadOnlyDictionary<string, VirtualDiskInode?> Current => _current;

    public void Add(string path, VirtualDiskInode? inode) => Do(new Change(null, path, inode));

    public void Remove(string path) => Do(new Change(path, null, _current[path]));

    public void Rename(string from, string to) => Do(new Change(from, to, _current[from]));

    public void Sync(string directory) => Resolve(directory, DiskOutcome.Keep, new SplitMix64(0));

    public void CutPower(DiskOutcome outcome, SplitMix64 random)
    {
        Resolve(null, outcome, random);
        foreach (var orphan in _durable.Keys.Where(IsOrphan).ToArray())
        {
            _durable.Remove(orphan);
        }

        _current = new SortedDictionary<string, VirtualDiskInode?>(_durable, StringComparer.Ordinal);
        foreach (var inode in _durable.Values)
        {
            inode?.CutPower(outcome, random);
        }
    }

    public VirtualDiskNames Clone()
    {
        var inodes = new Dictionary<VirtualDiskInode, VirtualDiskInode>(ReferenceEqualityComparer.Instance);
        var copy = new VirtualDiskNames();
        foreach (var (path, inode) in _durable)
        {
            copy._durable[path] = CloneOf(inode);
        }

        foreach (var (path, inode) in _current)
        {
            copy._current[path] = CloneOf(inode);
        }

        foreach (var change in _unsynced)
        {
            copy._unsynced.Add(change with { Inode = CloneOf(change.Inode) });
        }

        return copy;

        VirtualDiskInode? CloneOf(VirtualDiskInode? inode)
        {
            if (inode is null)
            {
                return null;
            }

            if (!inodes.TryGetValue(inode, out var clone))
            {
                clone = inode.Clone();
                inodes.Add(inode, clone);
            }

            return clone;
        }
    }

    public static string DirectoryOf(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? string.Empty : path[..slash];
    }

    private static void Apply(SortedDictionary<string, VirtualDiskInode?> names, Change change)
    {
        if (change.Inode is not null && (change.From is not null || change.To is not null))
        {
            // After a partial crash the file may stand under another name than the one this change started from.
            foreach (var name in names.Where(pair => ReferenceEquals(pair.Value, change.Inode)).Select(pair => pair.Key).ToArray())
            {
                names.Remove(name);
            }
        }
        else if (change.From is not null)
        {
            names.Remove(change.From);
        }

        if (change.To is not null)
        {
            names[change.To] = change.Inode;
        }
    }

    private bool IsOrphan(string path)
    {
        var directory = DirectoryOf(path);
        return directory.Length > 0 && !(_durable.TryGetValue(directory, out var inode) && inode is null);
    }

    private void Do(Change change)
    {
        Apply(_current, change);
        _unsynced.Add(change);
    }

    private void Resolve(string? directory, DiskOutcome outcome, SplitMix64 random)
    {
        for (var i = 0; i < _unsynced.Count;)
        {
            var change = _unsynced[i];
            if (directory is not null && DirectoryOf(Invariant.NotNull(change.To ?? change.From)) != directory)
            {
                i++;
                continue;
            }

            if (outcome == DiskOutcome.Keep || (outcome == DiskOutcome.Tear && random.Next(2) == 0))
            {
                Apply(_durable, change);
            }

            _unsynced.RemoveAt(i);
        }
    }

    /// <summary>Creation (no From), removal (no To) or renaming.</summary>
    private readonly record struct Change(string? From, string? To, VirtualDiskInode? Inode);
}

using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Testing;

/// <summary>
/// A disk in memory that forgets, as disks do: nothing is durable before it was synced, neither content nor names. The
/// same seed gives the same behaviour. For one thread. After <see cref="CutPower"/> or <see cref="KillProcess"/> the
/// open files of the life before are dead, and every use of them is a <see cref="VirtualPowerCutException"/>.
/// </summary>
public sealed partial class VirtualDisk : IFileSystem
{
    private readonly HashSet<string> _locks = new(StringComparer.Ordinal);
    private SplitMix64 _random;
    private VirtualDiskNames _names = new();
    private long _life;
    private bool _isDown;

    public VirtualDisk(ulong seed = 1) => _random = new SplitMix64(seed);

    public string Root => "virtual-disk";

    public IFile Create(string path, long preallocateBytes = 0)
    {
        Step("create", path);
        if (_names.Current.ContainsKey(path))
        {
            throw Failure("open", path, ErrorNumbers.Exists);
        }

        RequireDirectory(path);
        RequireSpace("create", path, preallocateBytes);
        var inode = new VirtualDiskInode();
        inode.Preallocate(preallocateBytes);
        _names.Add(path, inode);
        return new VirtualFile(this, path, inode);
    }

    public IFile Open(string path, bool writable)
    {
        ThrowIfDown(_life);
        return new VirtualFile(this, path, Find(path));
    }

    public bool Exists(string path)
    {
        ThrowIfDown(_life);
        return path.Length == 0 || _names.Current.ContainsKey(path);
    }

    public IReadOnlyList<string> List(string directory)
    {
        ThrowIfDown(_life);
        return
        [
            .. _names.Current.Keys
                .Where(path => VirtualDiskNames.DirectoryOf(path) == directory)
                .Select(path => path[(path.LastIndexOf('/') + 1)..]),
        ];
    }

    public void Rename(string from, string to)
    {
        Step("rename", from);
        _ = Find(from);
        RequireDirectory(to);
        _names.Rename(from, to);
    }

    public void Remove(string path)
    {
        Step("unlink", path);
        _ = Find(path);
        _names.Remove(path);
    }

    public void CreateDirectory(string path)
    {
        ThrowIfDown(_life);
        for (var end = 0; end >= 0 && path.Length > 0;)
        {
            end = path.IndexOf('/', end + 1);
            var part = end < 0 ? path : path[..end];
            if (!_names.Current.TryGetValue(part, out var inode))
            {
                Step("mkdir", part);
                _names.Add(part, null);
            }
            else if (inode is not null)
            {
                throw Failure("mkdir", part, ErrorNumbers.NotDirectory);
            }
        }
    }

    public void SyncDirectory(string path)
    {
        Step("fsync", path);
        if (SyncFault?.Invoke(path) == true)
        {
            // Names stay unsynced: file systems with a journal do not forget them, they refuse further work.
            throw Failure("fsync", path, ErrorNumbers.InputOutput);
        }

        if (!LiesAboutSync)
        {
            _names.Sync(path);
        }
    }

    public IDisposable? TryLock(string path)
    {
        ThrowIfDown(_life);
        if (!_names.Current.ContainsKey(path))
        {
            Step("create", path);
            _names.Add(path, new VirtualDiskInode());
        }

        return _locks.Add(path) ? new HeldLock(this, path) : null;
    }

    public long FreeBytes()
    {
        ThrowIfDown(_life);
        return Math.Max(0, CapacityBytes - UsedBytes());
    }

    private static StorageIoException Failure(string operation, string path, int errorNumber) =>
        new(operation, path, errorNumber, "injected by the virtual disk");

    private VirtualDiskInode Find(string path) =>
        _names.Current.TryGetValue(path, out var inode) && inode is not null
            ? inode : throw Failure("open", path, ErrorNumbers.NoEntry);

    private void RequireDirectory(string path)
    {
        var directory = VirtualDiskNames.DirectoryOf(path);
        if (directory.Length > 0 && !(_names.Current.TryGetValue(directory, out var inode) && inode is null))
        {
            throw Failure("open", path, ErrorNumbers.NoEntry);
        }
    }

    private void RequireSpace(string operation, string path, long bytes)
    {
        if (bytes > 0 && UsedBytes() + bytes > CapacityBytes)
        {
            throw Failure(operation, path, ErrorNumbers.NoSpace);
        }
    }

    private long UsedBytes()
    {
        long used = 0;
        foreach (var inode in _names.Current.Values)
        {
            used += inode?.Current.Length ?? 0;
        }

        return used;
    }

    /// <summary>Counts a call that changes or syncs something, and cuts the power before it if its turn has come.</summary>
    private void Step(string operation, string path)
    {
        ThrowIfDown(_life);
        if (Operations + 1 == CutPowerBefore)
        {
            _isDown = true;
            throw new VirtualPowerCutException($"power cut before {operation} {path}");
        }

        Operations++;
        OnOperation?.Invoke(operation, path);
    }

    private void ThrowIfDown(long life)
    {
        if (_isDown || life != _life)
        {
            throw new VirtualPowerCutException("this life of the process is over");
        }
    }

    private sealed class HeldLock(VirtualDisk disk, string path) : IDisposable
    {
        private readonly long _life = disk._life;

        public void Dispose()
        {
            if (_life == disk._life)
            {
                disk._locks.Remove(path);
            }
        }
    }

    private sealed class VirtualFile(VirtualDisk disk, string path, VirtualDiskInode inode) : IFile
    {
        private readonly long _life = disk._life;
        private bool _isClosed;

        public string Path { get; } = path;

        public long Length
        {
            get
            {
                ThrowIfUnusable();
                return inode.Current.Length;
            }
        }

        public int ReadAt(long offset, Span<byte> into)
        {
            ThrowIfUnusable();
            var count = inode.Current.Read(offset, into);
            return inode.IsReadable(offset, count) ? count : throw Failure("pread", Path, ErrorNumbers.InputOutput);
        }

        public void WriteAt(long offset, ReadOnlySpan<byte> bytes)
        {
            Step("pwrite");
            disk.RequireSpace("pwrite", Path, Math.Max(0, offset + bytes.Length - inode.Current.Length));
            inode.WriteAt(offset, bytes);
        }

        public void SetLength(long length)
        {
            Step("ftruncate");
            disk.RequireSpace("ftruncate", Path, length - inode.Current.Length);
            inode.SetLength(length);
        }

        public void Sync()
        {
            Step("fdatasync");
            if (disk.SyncFault?.Invoke(Path) == true)
            {
                inode.FailSync(disk._random);
                throw Failure("fdatasync", Path, ErrorNumbers.InputOutput);
            }

            if (!disk.LiesAboutSync)
            {
                inode.Sync();
            }
        }

        public void Dispose() => _isClosed = true;

        private void Step(string operation)
        {
            ThrowIfUnusable();
            disk.Step(operation, Path);
        }

        private void ThrowIfUnusable()
        {
            disk.ThrowIfDown(_life);
            Invariant.Check(!_isClosed);
        }
    }
}

using RestKv.Storage;

namespace RestKv.Testing;

/// <summary>
/// Stands before another file system and makes chosen calls fail. The predicate gets the operation ("create", "open",
/// "list", "rename", "unlink", "mkdir", "fsync", "lock", "pread", "pwrite", "ftruncate", "fdatasync") and the path, and
/// answers with an error number, or 0 to let the call through.
/// </summary>
public sealed class FaultyFileSystem(IFileSystem inner, Func<string, string, int> fault) : IFileSystem
{
    public string Root => inner.Root;

    public IFile Create(string path, long preallocateBytes = 0)
    {
        Check("create", path);
        return new FaultyFile(this, inner.Create(path, preallocateBytes), path);
    }

    public IFile Open(string path, bool writable)
    {
        Check("open", path);
        return new FaultyFile(this, inner.Open(path, writable), path);
    }

    public bool Exists(string path) => inner.Exists(path);

    public IReadOnlyList<string> List(string directory)
    {
        Check("list", directory);
        return inner.List(directory);
    }

    public void Rename(string from, string to)
    {
        Check("rename", from);
        inner.Rename(from, to);
    }

    public void Remove(string path)
    {
        Check("unlink", path);
        inner.Remove(path);
    }

    public void CreateDirectory(string path)
    {
        Check("mkdir", path);
        inner.CreateDirectory(path);
    }

    public void MakeRootPrivate() => inner.MakeRootPrivate();

    public void SyncDirectory(string path)
    {
        Check("fsync", path);
        inner.SyncDirectory(path);
    }

    public IDisposable? TryLock(string path)
    {
        Check("lock", path);
        return inner.TryLock(path);
    }

    public long FreeBytes() => inner.FreeBytes();

    private void Check(string operation, string path)
    {
        var error = fault(operation, path);
        if (error != 0)
        {
            throw new StorageIoException(operation, path, error, "injected");
        }
    }

    private sealed class FaultyFile(FaultyFileSystem owner, IFile file, string path) : IFile
    {
        public string Path => file.Path;

        public long Length => file.Length;

        public int ReadAt(long offset, Span<byte> into)
        {
            owner.Check("pread", path);
            return file.ReadAt(offset, into);
        }

        public void WriteAt(long offset, ReadOnlySpan<byte> bytes)
        {
            owner.Check("pwrite", path);
            file.WriteAt(offset, bytes);
        }

        public void SetLength(long length)
        {
            owner.Check("ftruncate", path);
            file.SetLength(length);
        }

        public void Sync()
        {
            owner.Check("fdatasync", path);
            file.Sync();
        }

        public void Dispose() => file.Dispose();
    }
}

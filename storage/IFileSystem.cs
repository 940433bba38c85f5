namespace RestKv.Storage;

/// <summary>
/// The only way to files. Paths are relative to <see cref="Root"/>, with '/' between parts; the empty path is the root.
/// Errors are <see cref="StorageIoException"/>; nothing is durable before <see cref="IFile.Sync"/> (content) and
/// <see cref="SyncDirectory"/> (names) have returned. Operations on different files may run on different threads.
/// </summary>
public interface IFileSystem
{
    /// <summary>What the paths are relative to, for messages.</summary>
    string Root { get; }

    /// <summary>
    /// Creates a file that must not exist, mode 0600. With a length it is zero-filled and synced, so that later syncs
    /// write no metadata and cannot run out of space; when that fails, no file is left behind.
    /// </summary>
    IFile Create(string path, long preallocateBytes = 0);

    IFile Open(string path, bool writable);

    bool Exists(string path);

    /// <summary>Names (not paths) in a directory, ordinal order; empty when it does not exist.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Replaces <paramref name="to"/> atomically if it exists.</summary>
    void Rename(string from, string to);

    void Remove(string path);

    /// <summary>Creates the directory with mode 0700, parents included; no error when it exists.</summary>
    void CreateDirectory(string path);

    /// <summary>
    /// Takes away what group and others may do in the root, should somebody have made it with the usual mask. What was found
    /// is for the file system's owner to hear; one without rights has nothing to take.
    /// </summary>
    void MakeRootPrivate()
    {
    }

    void SyncDirectory(string path);

    /// <summary>Takes the exclusive lock on a file (made if need be); null when somebody else holds it.</summary>
    IDisposable? TryLock(string path);

    /// <summary>Bytes an unprivileged writer can still take.</summary>
    long FreeBytes();
}

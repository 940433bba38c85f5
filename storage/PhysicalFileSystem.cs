using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RestKv.Raft;

namespace RestKv.Storage;

/// <summary>
/// Files below one directory of a Linux file system. The only place that makes anything durable: the framework's own
/// flush hides errors (DESIGN.md, "Sync rules"), so the calls are made here and their results checked.
/// </summary>
public sealed class PhysicalFileSystem : IFileSystem
{
    private const int DirectoryMode = 0x1C0; // 0700
    private const int FileMode = 0x180; // 0600

    /// <summary>Zeros are written and synced in steps, so that a log flush elsewhere never waits behind a whole segment.</summary>
    private const int ZeroStepBytes = 1 << 20;

    private static readonly byte[] Zeros = new byte[ZeroStepBytes];

    private const UnixFileMode OwnersRights = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode OthersRights =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly Action<string>? _warn;

    /// <summary>A file system whose paths lie below <paramref name="root"/>, which need not exist yet.</summary>
    /// <param name="warn">Told, in a sentence, when rights on the root were wider than they should be.</param>
    public PhysicalFileSystem(string root, Action<string>? warn = null)
    {
        Libc.Initialize();
        Root = Path.GetFullPath(root);
        _warn = warn;
    }

    public string Root { get; }

    public IFile Create(string path, long preallocateBytes = 0)
    {
        Invariant.Check(preallocateBytes >= 0);
        var file = OpenFile(path, Libc.OpenReadWrite | Libc.OpenCreate | Libc.OpenExclusive);
        try
        {
            for (long offset = 0; offset < preallocateBytes; offset += ZeroStepBytes)
            {
                file.WriteAt(offset, Zeros.AsSpan(0, (int)Math.Min(ZeroStepBytes, preallocateBytes - offset)));
                file.Sync();
            }

            file.SyncAll();
            return file;
        }
        catch (StorageIoException)
        {
            file.Dispose();
            _ = Libc.Unlink(FullPath(path)); // best effort: the failure that is reported is the one above
            throw;
        }
    }

    public IFile Open(string path, bool writable) =>
        OpenFile(path, writable ? Libc.OpenReadWrite : Libc.OpenReadOnly);

    [SuppressMessage("ApiDesign", "RS0030", Justification = "The one class that may ask the file system.")]
    public bool Exists(string path) => Path.Exists(FullPath(path));

    [SuppressMessage("ApiDesign", "RS0030", Justification = "The one class that may ask the file system.")]
    public IReadOnlyList<string> List(string directory)
    {
        var full = FullPath(directory);
        try
        {
            var names = Directory.EnumerateFileSystemEntries(full).Select(entry => Path.GetFileName(entry)).ToArray();
            Array.Sort(names, StringComparer.Ordinal);
            return names;
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageIoException("list", full, ErrorNumbers.AccessDenied, e.Message);
        }
        catch (IOException e)
        {
            throw new StorageIoException("list", full, e.HResult, e.Message);
        }
    }

    public void Rename(string from, string to)
    {
        if (Libc.Rename(FullPath(from), FullPath(to)) != 0)
        {
            throw Failed("rename", from);
        }
    }

    public void Remove(string path)
    {
        if (Libc.Unlink(FullPath(path)) != 0)
        {
            throw Failed("unlink", path);
        }
    }

    public void CreateDirectory(string path) => CreateFullDirectory(FullPath(path));

    public void SyncDirectory(string path) => SyncFullDirectory(FullPath(path));

    [SuppressMessage("Reliability", "CA2000", Justification = "The lock is the open file; its holder disposes it.")]
    public IDisposable? TryLock(string path)
    {
        var descriptor = OpenDescriptor(FullPath(path), Libc.OpenReadWrite | Libc.OpenCreate);
        if (Libc.Lock(descriptor, Libc.LockExclusiveNonBlocking) == 0)
        {
            return new PhysicalFile(FullPath(path), descriptor);
        }

        var failure = Failed("flock", path);
        descriptor.Dispose();
        return failure.ErrorNumber == ErrorNumbers.WouldBlock ? null : throw failure;
    }

    public long FreeBytes()
    {
        try
        {
            return new DriveInfo(Root).AvailableFreeSpace;
        }
        catch (IOException e)
        {
            throw new StorageIoException("statvfs", Root, e.HResult, e.Message);
        }
    }

    public void MakeRootPrivate()
    {
        var root = new DirectoryInfo(Root);
        var mode = root.UnixFileMode;
        if (OperatingSystem.IsWindows() || (mode & OthersRights) == 0)
        {
            return;
        }

        var octal = Convert.ToString((int)mode, 8);
        try
        {
            root.UnixFileMode = OwnersRights;
            _warn?.Invoke($"{Root} was open to others (mode {octal}); it is closed now (mode 700)");
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            // A mounted volume may belong to somebody else: that is for its owner to change, and no reason not to serve.
            _warn?.Invoke($"{Root} is open to others (mode {octal}) and cannot be closed: {failure.Message}");
        }
    }

    private static void CreateFullDirectory(string full, bool hasParent = false)
    {
        if (Libc.MakeDirectory(full, DirectoryMode) == 0)
        {
            // The name is made durable at once, so that the root needs no special case in its owner.
            SyncFullDirectory(ParentOf(full));
            return;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error == ErrorNumbers.NoEntry && !hasParent)
        {
            // As deep as a path has parts. A parent that is there and still makes no entry (/proc) is an error below.
            CreateFullDirectory(ParentOf(full));
            CreateFullDirectory(full, hasParent: true);
            return;
        }

        if (error == ErrorNumbers.Exists && IsDirectory(full))
        {
            return;
        }

        throw PhysicalFile.Failure("mkdir", full, error == ErrorNumbers.Exists ? ErrorNumbers.NotDirectory : error);
    }

    [SuppressMessage("ApiDesign", "RS0030", Justification = "The one class that may ask the file system.")]
    private static bool IsDirectory(string full) => Directory.Exists(full);

    private static string ParentOf(string full) => Invariant.NotNull(Path.GetDirectoryName(full));

    private static void SyncFullDirectory(string full)
    {
        using var directory = new PhysicalFile(full, OpenDescriptor(full, Libc.OpenReadOnly));
        directory.SyncAll();
    }

    private static SafeFileHandle OpenDescriptor(string full, int flags)
    {
        while (true)
        {
            var descriptor = Libc.Open(full, flags | Libc.OpenCloseOnExec, FileMode);
            if (descriptor >= 0)
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            var error = Marshal.GetLastPInvokeError();
            if (error != ErrorNumbers.Interrupted)
            {
                throw PhysicalFile.Failure("open", full, error);
            }
        }
    }

    private static StorageIoException FailedAt(string operation, string full) =>
        PhysicalFile.Failure(operation, full, Marshal.GetLastPInvokeError());

    private PhysicalFile OpenFile(string path, int flags)
    {
        var full = FullPath(path);
        return new PhysicalFile(full, OpenDescriptor(full, flags));
    }

    private StorageIoException Failed(string operation, string path) => FailedAt(operation, FullPath(path));

    private string FullPath(string path)
    {
        Invariant.Check(!path.StartsWith('/'));
        Invariant.Check(!path.Split('/').Contains(".."));
        return path.Length == 0 ? Root : Path.Join(Root, path);
    }
}

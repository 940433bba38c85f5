using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RestKv.Storage;

/// <summary>An open file descriptor. Every result of a system call is checked; short reads and writes are continued.</summary>
internal sealed class PhysicalFile(string path, SafeFileHandle descriptor) : IFile
{
    private const int SeekEnd = 2;

    public string Path { get; } = path;

    public long Length
    {
        get
        {
            var end = Libc.Seek(descriptor, 0, SeekEnd);
            return end >= 0 ? end : throw Failed("lseek");
        }
    }

    public unsafe int ReadAt(long offset, Span<byte> into)
    {
        var done = 0;
        fixed (byte* start = into)
        {
            while (done < into.Length)
            {
                var count = Libc.ReadAt(descriptor, start + done, into.Length - done, offset + done);
                if (count < 0)
                {
                    ContinueIfInterrupted("pread");
                    continue;
                }

                if (count == 0)
                {
                    break;
                }

                done += (int)count;
            }
        }

        return done;
    }

    public unsafe void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        var done = 0;
        fixed (byte* start = bytes)
        {
            while (done < bytes.Length)
            {
                var count = Libc.WriteAt(descriptor, start + done, bytes.Length - done, offset + done);
                if (count < 0)
                {
                    ContinueIfInterrupted("pwrite");
                    continue;
                }

                done += (int)count;
            }
        }
    }

    public void SetLength(long length)
    {
        if (Libc.Truncate(descriptor, length) != 0)
        {
            throw Failed("ftruncate");
        }
    }

    public void Sync()
    {
        // An interrupted sync is a failed one: whether the pages reached the disk is then unknown.
        if (Libc.SyncData(descriptor) != 0)
        {
            throw Failed("fdatasync");
        }
    }

    /// <summary>fsync: like <see cref="Sync"/>, with all metadata.</summary>
    public void SyncAll()
    {
        if (Libc.Sync(descriptor) != 0)
        {
            throw Failed("fsync");
        }
    }

    /// <summary>The result of close is not looked at: it says nothing that the checked syncs before it did not.</summary>
    public void Dispose() => descriptor.Dispose();

    internal static StorageIoException Failure(string operation, string path, int errorNumber) =>
        new(operation, path, errorNumber, Marshal.GetPInvokeErrorMessage(errorNumber));

    private void ContinueIfInterrupted(string operation)
    {
        if (Marshal.GetLastPInvokeError() != ErrorNumbers.Interrupted)
        {
            throw Failed(operation);
        }
    }

    private StorageIoException Failed(string operation) => Failure(operation, Path, Marshal.GetLastPInvokeError());
}

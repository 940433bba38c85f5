using System.ComponentModel;
using System.Runtime.InteropServices;

namespace RestKv.LoadGen;

/// <summary>Linux's readiness list, so that one thread can read ten thousand streams for little more than its reads.</summary>
internal sealed partial class Epoll : IDisposable
{
    private const int Add = 1;
    private const int Delete = 2;
    private const uint Readable = 1;
    private const int BatchMax = 512;
    private const int Interrupted = 4;

    private readonly int _descriptor = Checked(Create(0));
    private readonly Ready[] _ready = new Ready[BatchMax];

    public void Watch(nint handle, int tag)
    {
        var ready = new Ready { Events = Readable, Tag = tag };
        Checked(Control(_descriptor, Add, (int)handle, ref ready));
    }

    public void Forget(nint handle)
    {
        var ready = default(Ready);
        Checked(Control(_descriptor, Delete, (int)handle, ref ready));
    }

    /// <summary>Calls back with the tag of every stream that has something to read.</summary>
    public void Wait(int milliseconds, Action<int> onReadable)
    {
        var count = Wait(_descriptor, _ready, BatchMax, milliseconds);
        if (count < 0 && Marshal.GetLastPInvokeError() != Interrupted)
        {
            throw new Win32Exception();
        }

        for (var i = 0; i < count; i++)
        {
            onReadable(_ready[i].Tag);
        }
    }

    public void Dispose() => Checked(Close(_descriptor));

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception();

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int descriptor, int operation, int subject, ref Ready ready);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(int descriptor, [Out] Ready[] ready, int countMax, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    /// <summary>The kernel's struct epoll_event on x86-64; the second half of its 64 bits of user data stays unused.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Ready
    {
        public uint Events;
        public int Tag;
        public int Unused;
    }
}

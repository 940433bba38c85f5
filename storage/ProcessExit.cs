using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace RestKv.Storage;

/// <summary>Ends the process at once: no handlers, no finalizers, no reply that was waiting to be sent.</summary>
public static partial class ProcessExit
{
    [DoesNotReturn]
    public static void Now(int code)
    {
        ExitNow(code);
        throw new System.Diagnostics.UnreachableException();
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}

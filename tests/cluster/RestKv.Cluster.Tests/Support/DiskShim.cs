using System.Diagnostics;
using System.Globalization;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Support;

/// <summary>
/// A library that is loaded before libc and makes syncs slow or failing while the process runs, as a file of the test says.
/// Needs gcc.
/// </summary>
internal sealed class DiskShim : IDisposable
{
    private const string ControlVariable = "DISK_FAULT";

    private readonly TempFolder _folder = new();

    private string Library => _folder.Combine("shim.so");

    public static async Task<DiskShim> CompileAsync()
    {
        var shim = new DiskShim();
        var source = shim._folder.Combine("shim.c");
        await File.WriteAllTextAsync(source, """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <fcntl.h>
            #include <stdlib.h>
            #include <sys/syscall.h>
            #include <time.h>
            #include <unistd.h>
            /* The control file holds milliseconds, or -1: fail. No file, no fault. */
            static int fault(void) {
                const char *path = getenv("DISK_FAULT");
                char text[16] = {0};
                int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
                if (fd < 0) { errno = 0; return 0; }
                ssize_t n = read(fd, text, sizeof text - 1);
                close(fd);
                return n > 0 ? atoi(text) : 0;
            }
            static int sync_by(long number, int fd) {
                int what = fault();
                if (what < 0) { errno = EIO; return -1; }
                if (what > 0) { struct timespec t = { what / 1000, (what % 1000) * 1000000L }; nanosleep(&t, NULL); }
                return syscall(number, fd);
            }
            int fsync(int fd) { return sync_by(SYS_fsync, fd); }
            int fdatasync(int fd) { return sync_by(SYS_fdatasync, fd); }
            """);
        using var compiler = Process.Start("gcc", ["-shared", "-fPIC", "-O1", "-o", shim.Library, source]);
        await compiler.WaitForExitAsync();
        Assert.Equal(0, compiler.ExitCode);
        return shim;
    }

    /// <summary>What the process must find in its environment to be ruled by <paramref name="name"/>.</summary>
    public Dictionary<string, string> EnvironmentOf(string name) =>
        new() { ["LD_PRELOAD"] = Library, [ControlVariable] = ControlOf(name) };

    public void FailSyncs(string name) => Write(name, "-1");

    public void SlowSyncs(string name, int milliseconds) => Write(name, milliseconds.ToString(CultureInfo.InvariantCulture));

    public void Heal(string name) => File.Delete(ControlOf(name));

    public void Dispose() => _folder.Dispose();

    private string ControlOf(string name) => _folder.Combine(name);

    /// <summary>In one step: nobody may read half of it.</summary>
    private void Write(string name, string text)
    {
        var part = ControlOf(name) + ".part";
        File.WriteAllText(part, text);
        File.Move(part, ControlOf(name), overwrite: true);
    }
}

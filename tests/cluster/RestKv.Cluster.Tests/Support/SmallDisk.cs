using System.Diagnostics;

namespace RestKv.Cluster.Tests.Support;

/// <summary>A file system of its own that can be filled up and emptied again. Needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _path;

    private SmallDisk(string path) => _path = path;

    /// <summary>Mounts one at a directory that is there; null where this is not allowed.</summary>
    public static async Task<SmallDisk?> TryMountAsync(string path, string size) =>
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "restkv-test", path) == 0 ? new SmallDisk(path) : null;

    /// <summary>Takes all that is left, again and again while the member gives something up.</summary>
    public void Fill()
    {
        for (var part = 0; part < 3; part++)
        {
            var free = new DriveInfo(_path).AvailableFreeSpace;
            if (free > 0)
            {
                using var ballast = new FileStream(
                    Path.Join(_path, $"ballast{part}"), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, PreallocationSize = free });
            }
        }
    }

    public void Empty()
    {
        foreach (var file in Directory.GetFiles(_path, "ballast*"))
        {
            File.Delete(file);
        }
    }

    public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", _path);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}

using System.Diagnostics;

namespace RestKv.Cluster.Tests.Support;

/// <summary>A file system of its own that can be filled up and emptied again. Needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _path;
    private int _parts;

    private SmallDisk(string path) => _path = path;

    /// <summary>Mounts one at a directory that is there; null where this is not allowed.</summary>
    public static async Task<SmallDisk?> TryMountAsync(string path, string size) =>
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "restkv-test", path) == 0 ? new SmallDisk(path) : null;

    /// <summary>Takes what is left. To be repeated: the member may give something up, or take some of it first.</summary>
    public void Fill()
    {
        var free = new DriveInfo(_path).AvailableFreeSpace;
        if (free == 0)
        {
            return;
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, PreallocationSize = free };
        try
        {
            using var ballast = new FileStream(Path.Join(_path, $"ballast{_parts++}"), options);
        }
        catch (IOException)
        {
            // The member was faster: less is left than a moment ago.
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

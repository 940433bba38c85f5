using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RestKv.Api.Hosting.Options;

/// <summary>How much memory this process may use: the container's limit, or else the machine's.</summary>
internal static class MemoryLimit
{
    /// <summary>Where control groups, version 2 and version 1, show the limit of a container.</summary>
    private static readonly string[] LimitFiles = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

    /// <summary>
    /// The runtime's own figure will not do alone: inside a container it is three quarters of the limit, because it is the limit
    /// of the managed heap.
    /// </summary>
    [SuppressMessage(
        "ApiDesign",
        "RS0030:Do not use banned APIs",
        Justification = "A kernel interface, read once at start; not data of ours.")]
    public static long Read()
    {
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        foreach (var path in LimitFiles)
        {
            if (File.Exists(path)
                && long.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var container)
                && container < PhysicalBytes())
            {
                return container;
            }
        }

        return limit;
    }

    [SuppressMessage(
        "ApiDesign",
        "RS0030:Do not use banned APIs",
        Justification = "A kernel interface, read once at start; not data of ours.")]
    private static long PhysicalBytes()
    {
        const string Total = "MemTotal:";
        const long Kibibyte = 1024;
        if (!File.Exists("/proc/meminfo"))
        {
            return long.MaxValue;
        }

        var line = File.ReadLines("/proc/meminfo").First(text => text.StartsWith(Total, StringComparison.Ordinal));
        return long.Parse(line[Total.Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture) * Kibibyte;
    }
}

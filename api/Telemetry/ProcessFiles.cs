using System.Globalization;

namespace RestKv.Api.Telemetry;

/// <summary>Open files of this process, as Linux counts them; 0 where it is not Linux.</summary>
internal static class ProcessFiles
{
    private const string Open = "/proc/self/fd";
    private const string Limits = "/proc/self/limits";
    private const string LimitName = "Max open files";

    /// <summary>The look itself has one open.</summary>
    public static long CountOpen()
    {
        var open = new DirectoryInfo(Open);
        return open.Exists ? Math.Max(0, open.EnumerateFileSystemInfos().Count() - 1) : 0;
    }

    public static long ReadMax()
    {
        var limits = new FileInfo(Limits);
        if (!limits.Exists)
        {
            return 0;
        }

        using var text = limits.OpenText();
        while (text.ReadLine() is { } line)
        {
            if (line.StartsWith(LimitName, StringComparison.Ordinal))
            {
                var soft = line[LimitName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
                return long.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : 0;
            }
        }

        return 0;
    }
}

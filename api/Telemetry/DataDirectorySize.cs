namespace RestKv.Api.Telemetry;

/// <summary>What the data directory takes on disk, for a gauge; reading names and lengths touches no data.</summary>
internal static class DataDirectorySize
{
    /// <summary>The write-ahead log's part.</summary>
    public static long ReadLog(string path) => Read(Path.Combine(path, "wal"));

    public static long Read(string path)
    {
        var directory = new DirectoryInfo(path);
        if (!directory.Exists)
        {
            return 0;
        }

        long total = 0;
        foreach (var file in directory.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            try
            {
                total += file.Length;
            }
            catch (FileNotFoundException)
            {
                // Recycled between listing and looking: it takes no space any more.
            }
        }

        return total;
    }
}

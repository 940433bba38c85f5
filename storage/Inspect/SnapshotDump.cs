using RestKv.Storage.Snapshots;

namespace RestKv.Storage.Inspect;

/// <summary>Describes and verifies one snapshot file.</summary>
public static class SnapshotDump
{
    /// <returns>True when the file is intact to the last bit.</returns>
    public static bool Write(IFileSystem files, string path, Action<string> output)
    {
        try
        {
            using var reader = SnapshotReader.Open(files, path);
            output($"{path}: cluster {reader.Cluster}, index {reader.Mark.Index}, term {reader.Mark.Term}, "
                + $"{reader.Mark.Membership}, {reader.DataBytes} bytes, sha256 {reader.Digest}");
            reader.Verify();
            return true;
        }
        catch (SnapshotCorruptException e)
        {
            output($"damaged: {e.Message}");
            return false;
        }
    }
}

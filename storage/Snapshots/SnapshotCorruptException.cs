namespace RestKv.Storage.Snapshots;

/// <summary>A snapshot file is damaged, or one that the log needs is missing.</summary>
public sealed class SnapshotCorruptException(string file, long offset, string detail)
    : CorruptDataException(file, offset, $"{file} is damaged at offset {offset}: {detail}")
{
    /// <summary>What is wrong, without the place.</summary>
    public string Detail { get; } = detail;
}

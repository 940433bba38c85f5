using RestKv.Raft;

namespace RestKv.Storage.Snapshots;

/// <summary>
/// A snapshot file as it is, for another member to take: what is sent is not looked at here, for the receiver proves it.
/// Stays readable while newer snapshots take its place. Owned by one task.
/// </summary>
public sealed class SnapshotFileBytes : IDisposable
{
    private readonly IFile _file;

    internal SnapshotFileBytes(IFile file, LogIndex index, Term term)
    {
        _file = file;
        Index = index;
        Term = term;
        Length = file.Length;
    }

    public LogIndex Index { get; }

    public Term Term { get; }

    public long Length { get; }

    /// <summary>Reads up to the length of <paramref name="into"/>; fewer only at the end of the file.</summary>
    public int ReadAt(long offset, Span<byte> into) => _file.ReadAt(offset, into);

    public void Dispose() => _file.Dispose();
}

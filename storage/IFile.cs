namespace RestKv.Storage;

/// <summary>One open file. Owned by one thread at a time.</summary>
public interface IFile : IDisposable
{
    string Path { get; }

    long Length { get; }

    /// <summary>Reads up to the length of <paramref name="into"/>; fewer only at the end of the file.</summary>
    int ReadAt(long offset, Span<byte> into);

    void WriteAt(long offset, ReadOnlySpan<byte> bytes);

    void SetLength(long length);

    /// <summary>fdatasync, result checked. After a failure the file must not be trusted again: never retried.</summary>
    void Sync();
}

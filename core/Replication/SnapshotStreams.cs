namespace RestKv.Core.Replication;

/// <summary>Where the bytes of a snapshot go. Implemented by storage; the kernel does not know files.</summary>
public interface ISnapshotSink
{
    void Write(ReadOnlySpan<byte> bytes);
}

/// <summary>Where the bytes of a snapshot come from, already verified chunk by chunk.</summary>
public interface ISnapshotSource
{
    /// <summary>Fills a prefix of <paramref name="into"/>; 0 means the end.</summary>
    int Read(Span<byte> into);
}

namespace RestKv.Storage.Snapshots;

/// <summary>Takes the next bytes of a snapshot file: header, a chunk, or footer, whole. They are only lent for the call.</summary>
public delegate void SnapshotPut(ReadOnlySpan<byte> block);

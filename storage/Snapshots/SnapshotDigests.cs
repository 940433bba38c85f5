namespace RestKv.Storage.Snapshots;

/// <summary>Digests of a complete snapshot file.</summary>
/// <param name="Content">SHA-256 of header and chunks, which the footer states.</param>
/// <param name="File">SHA-256 of every byte of the file: what `sha256sum` prints.</param>
public sealed record SnapshotDigests(byte[] Content, byte[] File);

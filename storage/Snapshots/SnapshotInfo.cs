using RestKv.Raft;

namespace RestKv.Storage.Snapshots;

/// <summary>A complete snapshot file.</summary>
/// <param name="Mark">The place in the log it stands for.</param>
/// <param name="DataBytes">Bytes that were written to it, without the format's own.</param>
/// <param name="Digest">SHA-256 of header and chunks in hexadecimal: the same on every member for the same content.</param>
public sealed record SnapshotInfo(SnapshotMark Mark, long DataBytes, string Digest);

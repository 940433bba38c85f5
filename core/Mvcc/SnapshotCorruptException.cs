namespace RestKv.Core.Mvcc;

/// <summary>The bytes of a snapshot are not what <see cref="MvccSnapshot.Write"/> makes. Nothing of them was kept.</summary>
public sealed class SnapshotCorruptException(string message) : Exception(message);

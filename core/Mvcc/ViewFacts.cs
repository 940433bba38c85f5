namespace RestKv.Core.Mvcc;

/// <summary>The numbers a <see cref="ReadView"/> carries.</summary>
internal readonly record struct ViewFacts(
    long Revision,
    long CompactedRevision,
    long KeyCount,
    long BytesInUse,
    long LiveBytes,
    long MemoryBytes,
    ulong HistoryDigest);

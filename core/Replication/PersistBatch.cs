using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>What the replica wants on disk next. Immutable once handed over; answered by its <see cref="Mark"/>.</summary>
/// <param name="Mark">Confirmed when everything in the batch, and in all batches before it, is durable.</param>
/// <param name="HardState">New hard state, when it changed.</param>
/// <param name="Entries">Entries to append; the first may overwrite a suffix of the log (same index, later term).</param>
/// <param name="Snapshot">Set when a received snapshot takes the place of the log: the log restarts after it.</param>
/// <param name="NeedsFlush">False when only a commit hint changed: it may wait for the next flush.</param>
public sealed record PersistBatch(
    PersistMark Mark,
    HardState? HardState,
    IReadOnlyList<Entry> Entries,
    SnapshotMark? Snapshot,
    bool NeedsFlush);

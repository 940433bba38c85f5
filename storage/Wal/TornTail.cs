namespace RestKv.Storage.Wal;

/// <summary>The log ended in a flush that had not reached the disk whole; it was cut off. Reported once, at start.</summary>
/// <param name="File">Segment with the cut.</param>
/// <param name="Position">Where the log now ends.</param>
public sealed record TornTail(string File, WalPosition Position);

namespace RestKv.Checkers.Model;

/// <summary>One lease of the model.</summary>
internal sealed class ModelLease(long ttlSeconds, long deadlineMs, bool isOwn)
{
    public long TtlSeconds { get; } = ttlSeconds;

    public long DeadlineMs { get; set; } = deadlineMs;

    /// <summary>Made by a put for its key alone: goes away with the attachment.</summary>
    public bool IsOwn { get; } = isOwn;

    public SortedSet<string> Keys { get; } = new(StringComparer.Ordinal);
}

namespace RestKv.Core.Replication;

/// <summary>Now, as the shell tells it once per drained batch.</summary>
/// <param name="MonotonicMs">Never goes back, arbitrary origin: what everything is timed by.</param>
/// <param name="WallMs">Unix milliseconds: a label for people, may jump.</param>
public readonly record struct Moment(long MonotonicMs, long WallMs);

namespace RestKv.Checkers.Model;

/// <summary>One lease as it is after an entry, for comparison.</summary>
/// <param name="Keys">How many keys hang on it.</param>
public readonly record struct ModelLeaseState(long Id, long TtlSeconds, long DeadlineMs, int Keys);

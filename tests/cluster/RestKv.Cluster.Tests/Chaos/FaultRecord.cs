namespace RestKv.Cluster.Tests.Chaos;

/// <summary>A fault that was inflicted, from its begin until everybody was well again, in nanoseconds of the history's clock.</summary>
/// <param name="GapMs">The longest time in between without an acknowledged write.</param>
internal sealed record FaultRecord(string Name, long From, long To, double GapMs);

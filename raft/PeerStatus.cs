namespace RestKv.Raft;

/// <summary>What a leader knows of one other member, for status pages.</summary>
/// <param name="State">Probe, Replicate or Snapshot.</param>
/// <param name="Match">The member's disk holds the leader's log up to here.</param>
/// <param name="Next">The next entry to send it.</param>
/// <param name="SilentTicks">Ticks since its last message; at least the shortest election timeout when its connection broke.</param>
public sealed record PeerStatus(NodeId Id, bool IsVoter, string State, LogIndex Match, LogIndex Next, long SilentTicks);

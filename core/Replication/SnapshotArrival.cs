using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>A received snapshot: the place in the log it stands for, and the state there.</summary>
public sealed record SnapshotArrival(SnapshotMark Mark, KvStateMachine Machine);

using RestKv.Raft;

namespace RestKv.Simulator.Engine;

/// <summary>Where a member stood when something happened, for the columns of a failure's last events.</summary>
internal readonly record struct Standing(RaftRole Role, long Term, long Committed, long Applied, long Durable);

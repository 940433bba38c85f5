namespace RestKv.Raft;

/// <summary>A snapshot of one member's view of the protocol, for status pages and tests.</summary>
public sealed record RaftStatus(
    NodeId Self,
    RaftRole Role,
    Term Term,
    NodeId Leader,
    LogIndex Last,
    LogIndex Persisted,
    LogIndex Committed,
    LogIndex Applied,
    Membership Membership)
{
    /// <summary>
    /// The newest membership that is committed: who is not in it will be in none that follows. <see cref="Membership"/> may be
    /// taken back, with the entry that brought it.
    /// </summary>
    public Membership Settled { get; init; } = Membership;

    /// <summary>The other members as a leader sees them; empty on everybody else.</summary>
    public IReadOnlyList<PeerStatus> Peers { get; init; } = [];
}

/// <summary>What became of a proposal at the moment it was made.</summary>
public enum ProposeVerdict : byte
{
    /// <summary>Appended at <see cref="ProposeOutcome.Index"/>; commit is not yet known.</summary>
    Accepted = 0,

    /// <summary>This member does not lead; <see cref="ProposeOutcome.Leader"/> may know who does. Nothing was appended.</summary>
    NotLeader = 1,

    /// <summary>Too much is waiting for commit. Nothing was appended.</summary>
    Busy = 2,

    /// <summary>The membership change is not allowed now (one in flight, nothing committed in this term, or unsafe).</summary>
    Refused = 3,
}

/// <summary>Result of <see cref="RaftCore.Propose"/>.</summary>
public readonly record struct ProposeOutcome(ProposeVerdict Verdict, LogIndex Index, Term Term, NodeId Leader);

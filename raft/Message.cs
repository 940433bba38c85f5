namespace RestKv.Raft;

/// <summary>
/// One protocol message. A single flat record keeps lists of messages free of boxes; <see cref="Kind"/> says which fields
/// count (table in DESIGN.md). The codec checks that only those are set.
/// </summary>
public readonly record struct Message
{
    public required MessageKind Kind { get; init; }

    public required NodeId From { get; init; }

    public required NodeId To { get; init; }

    /// <summary>The sender's term; for pre-votes the term it would campaign in.</summary>
    public required Term Term { get; init; }

    /// <summary>Append: index before the first entry. Votes: last index of the candidate. Acks: last index now matched.</summary>
    public LogIndex Index { get; init; }

    /// <summary>Term of the entry at <see cref="Index"/>.</summary>
    public Term LogTerm { get; init; }

    /// <summary>Leader's commit index, never beyond what the receiver is known or about to hold.</summary>
    public LogIndex Commit { get; init; }

    public IReadOnlyList<Entry>? Entries { get; init; }

    /// <summary>True when a vote is not granted or an append did not match.</summary>
    public bool Reject { get; init; }

    /// <summary>On a rejected append: where the receiver thinks the logs may still agree.</summary>
    public LogIndex HintIndex { get; init; }

    public Term HintTerm { get; init; }

    /// <summary>Read round that a heartbeat carries and its answer confirms; or the number of a question.</summary>
    public ReadId Round { get; init; }

    /// <summary>Of a leader: its own disk holds its log up to here. What it counted itself for is known to the others by it.</summary>
    public LogIndex Held { get; init; }

    /// <summary>A vote request after a leadership transfer: overrides stickiness.</summary>
    public bool Transfer { get; init; }
}

/// <summary>Kinds of <see cref="Message"/>; the values are on the wire and never change meaning.</summary>
public enum MessageKind : byte
{
    None = 0,
    PreVote = 1,
    PreVoteReply = 2,
    Vote = 3,
    VoteReply = 4,
    Append = 5,
    AppendReply = 6,
    Heartbeat = 7,
    HeartbeatReply = 8,
    TimeoutNow = 9,

    /// <summary>A follower asks the leader for a read index; <see cref="Message.Round"/> is the follower's own number.</summary>
    ReadIndex = 10,

    /// <summary>The leader's answer: <see cref="Message.Index"/> is the read index, or <see cref="Message.Reject"/>.</summary>
    ReadIndexReply = 11,

    /// <summary>The follower restored a snapshot up to <see cref="Message.Index"/>.</summary>
    SnapshotReply = 12,

    /// <summary>
    /// A follower hands the leader of <see cref="Message.Term"/> one command; <see cref="Message.Round"/> is the follower's
    /// own number. Not for <see cref="RaftCore"/>: the replica takes it.
    /// </summary>
    Forward = 13,

    /// <summary>That command is surely not in the log and never will be; <see cref="Message.HintIndex"/> says why.</summary>
    ForwardReply = 14,
}

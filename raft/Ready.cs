namespace RestKv.Raft;

/// <summary>Where the disk must have got to before the promises made with a <see cref="Ready"/> may leave.</summary>
/// <param name="Sequence">Number of the batch; grows by one with each batch handed to the disk.</param>
/// <param name="Index">Last log index that the batch makes durable.</param>
/// <param name="Term">Term of the entry at <paramref name="Index"/>: tells a rewritten suffix from the old one.</param>
public readonly record struct PersistMark(long Sequence, LogIndex Index, Term Term);

/// <summary>A read barrier that has been confirmed: the reader may answer once <see cref="Index"/> is applied.</summary>
public readonly record struct ReadState(ReadId Id, LogIndex Index, bool Confirmed);

/// <summary>What this member is.</summary>
public enum RaftRole : byte
{
    Follower = 0,
    PreCandidate = 1,
    Candidate = 2,
    Leader = 3,
    Learner = 4,
}

/// <summary>Role, term and known leader after a change.</summary>
public readonly record struct RoleChange(RaftRole Role, Term Term, NodeId Leader);

/// <summary>
/// Everything a step of <see cref="RaftCore"/> wants done, in a buffer that its caller owns and reuses.
/// The rule "sync before you promise" is the type: what is in <see cref="SendAfterPersist"/> may leave only after the disk
/// has confirmed <see cref="Mark"/>; what is in <see cref="Committed"/> is already durable on a quorum and here.
/// </summary>
public sealed class Ready
{
    /// <summary>To disk, when set.</summary>
    public HardState? HardState { get; set; }

    /// <summary>To disk, in order; the first may overwrite a suffix of what is there.</summary>
    public List<Entry> Entries { get; } = [];

    /// <summary>
    /// To disk before <see cref="Entries"/>, when set: an installed snapshot has taken the place of the log, which
    /// restarts after it.
    /// </summary>
    public SnapshotMark? Snapshot { get; set; }

    /// <summary>Messages that promise nothing: may leave while the disk works.</summary>
    public List<Message> SendNow { get; } = [];

    /// <summary>Votes and acknowledgements: leave when <see cref="Mark"/> is durable.</summary>
    public List<Message> SendAfterPersist { get; } = [];

    /// <summary>Newly committed entries, in order, for the state machine; all of them are durable on this member, too.</summary>
    public List<Entry> Committed { get; } = [];

    /// <summary>Read barriers that were confirmed, or refused because leadership was lost.</summary>
    public List<ReadState> Reads { get; } = [];

    /// <summary>Peers whose next entry is no longer in the log: they need a snapshot.</summary>
    public List<NodeId> NeedSnapshot { get; } = [];

    public RoleChange? Role { get; set; }

    /// <summary>
    /// The newest batch. When <see cref="NeedsFlush"/> is set this Ready is that batch; otherwise it is an earlier one,
    /// still on its way to the disk if <see cref="SendAfterPersist"/> is not empty.
    /// </summary>
    public PersistMark Mark { get; set; }

    /// <summary>True when this Ready holds something for the disk, and so is a new batch with a new <see cref="Mark"/>.</summary>
    public bool NeedsFlush { get; set; }

    public void Clear()
    {
        HardState = null;
        Snapshot = null;
        Entries.Clear();
        SendNow.Clear();
        SendAfterPersist.Clear();
        Committed.Clear();
        Reads.Clear();
        NeedSnapshot.Clear();
        Role = null;
        Mark = default;
        NeedsFlush = false;
    }
}

namespace RestKv.Raft;

/// <summary>What a log entry holds.</summary>
public enum EntryKind : byte
{
    /// <summary>Empty entry a new leader appends so that it can commit in its own term (Raft section 8).</summary>
    Noop = 0,

    /// <summary>Opaque bytes for the state machine.</summary>
    Command = 1,

    /// <summary>A whole new <see cref="Membership"/>, in force from the moment it is appended.</summary>
    Membership = 2,
}

/// <summary>One log entry. <see cref="Payload"/> is immutable from the moment the entry exists.</summary>
public readonly record struct Entry(LogIndex Index, Term Term, EntryKind Kind, ReadOnlyMemory<byte> Payload);

/// <summary>What must survive a crash besides the entries (Raft figure 2, "persistent state").</summary>
/// <param name="Term">Latest term this member has seen.</param>
/// <param name="Vote">Whom it voted for in that term, or none.</param>
/// <param name="Commit">A commit index known at the time: a hint, recovered values may lag behind the truth.</param>
public readonly record struct HardState(Term Term, NodeId Vote, LogIndex Commit);

/// <summary>The place in the log that a snapshot stands for, and the membership in force there.</summary>
public sealed record SnapshotMark(LogIndex Index, Term Term, Membership Membership)
{
    /// <summary>The state before the first entry of a cluster bootstrapped with <paramref name="membership"/>.</summary>
    public static SnapshotMark Origin(Membership membership) => new(LogIndex.Zero, Term.Zero, membership);
}

/// <summary>Everything recovery hands to <see cref="RaftCore.Restore"/>: the durable state of one member.</summary>
/// <param name="Self">This member.</param>
/// <param name="HardState">Last durable hard state.</param>
/// <param name="Snapshot">Newest durable snapshot, or <see cref="SnapshotMark.Origin"/>.</param>
/// <param name="Entries">Contiguous entries; the first one has index <c>Snapshot.Index + 1</c> or lower (an overlap is
/// kept for slow followers), the last one is the end of the log.</param>
public sealed record RaftImage(NodeId Self, HardState HardState, SnapshotMark Snapshot, IReadOnlyList<Entry> Entries)
{
    /// <summary>The newest membership on disk, which may not be committed.</summary>
    public Membership Membership =>
        Entries.LastOrDefault(entry => entry.Kind == EntryKind.Membership && entry.Index > Snapshot.Index) is { Kind: EntryKind.Membership } last
        && Raft.Membership.TryDecode(last.Payload.Span, out var membership)
            ? membership
            : Snapshot.Membership;
}

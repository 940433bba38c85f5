namespace RestKv.Raft;

/// <summary>
/// What a member's disk held when it started: enough to tell whether it still knows what it promised (DESIGN.md, "A disk that
/// went back").
/// </summary>
/// <param name="Vote">Whom it voted for in <paramref name="Term"/>, or none.</param>
/// <param name="Last">End of its log.</param>
public readonly record struct DiskFacts(Term Term, NodeId Vote, LogIndex Last)
{
    /// <summary>Of a log whose end an installed snapshot has dropped: how far it had acknowledged can no longer be told.</summary>
    public static readonly LogIndex Unknown = new(1L << 61);

    /// <summary>Whether a snapshot on disk takes the place of entries that do not lead to it.</summary>
    private static bool IsLogDropped(RaftImage image) =>
        image.Entries.Count > 0 && !RaftCore.ContinuesSnapshot(image.Snapshot, image.Entries);

    public static DiskFacts Of(RaftImage image)
    {
        var (state, snapshot) = (image.HardState, image.Snapshot);
        var last = IsLogDropped(image) ? Unknown
            : image.Entries.Count > 0 && image.Entries[^1].Index > snapshot.Index ? image.Entries[^1].Index
            : snapshot.Index;
        return snapshot.Term > state.Term
            ? new DiskFacts(snapshot.Term, NodeId.None, last)
            : new DiskFacts(state.Term, state.Vote, last);
    }
}

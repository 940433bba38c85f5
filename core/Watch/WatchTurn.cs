namespace RestKv.Core.Watch;

/// <summary>What a turn of a cursor ended with. Whatever it is, the batch is to be sent first.</summary>
public enum WatchTurn : byte
{
    /// <summary>Nothing more now: the hub names the cursor when there is.</summary>
    Idle = 0,

    /// <summary>There may be more: take another turn.</summary>
    More = 1,

    /// <summary>History is read to the end: ask the hub to <see cref="WatchHub.Join"/> this cursor, then wait to be named.</summary>
    Join = 2,

    /// <summary>The snapshot is complete; take another turn for what came after it.</summary>
    SnapshotDone = 3,

    /// <summary>
    /// History from the cursor's position on is gone. The watch is over, unless <see cref="WatchCursor.Restart"/> begins it
    /// anew with a snapshot.
    /// </summary>
    Compacted = 4,
}

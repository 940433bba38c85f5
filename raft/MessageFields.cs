using System.Numerics;

namespace RestKv.Raft;

/// <summary>Which fields of a <see cref="Message"/> count for which kind: the table in DESIGN.md, as bits.</summary>
internal static class MessageFields
{
    public const int Index = 1;
    public const int LogTerm = 2;
    public const int Commit = 4;

    /// <summary>Both parts of the hint, hence two bits.</summary>
    public const int Hint = 8 | 16;

    public const int Round = 32;
    public const int Held = 512;
    private const int Numbers = Index | LogTerm | Commit | Hint | Round | Held;
    public const int Entries = 64;
    public const int Reject = 128;
    public const int Transfer = 256;

    public static int Of(MessageKind kind) => kind switch
    {
        MessageKind.PreVote => Index | LogTerm,
        MessageKind.Vote => Index | LogTerm | Transfer,
        MessageKind.PreVoteReply or MessageKind.VoteReply => Reject,
        MessageKind.Append => Index | LogTerm | Commit | Held | Entries,
        MessageKind.AppendReply => Index | Reject | Hint,
        MessageKind.Heartbeat => Commit | Held | Round,
        MessageKind.HeartbeatReply or MessageKind.ReadIndex => Round,
        MessageKind.ReadIndexReply => Index | Round | Reject,
        MessageKind.SnapshotReply => Index,
        MessageKind.Forward => Round | Entries,
        MessageKind.ForwardReply => Round | Reject | Hint,
        _ => 0,
    };

    /// <summary>How many 64-bit numbers the fields take on the wire.</summary>
    public static int CountNumbers(int fields) => BitOperations.PopCount((uint)(fields & Numbers));

    /// <summary>Whether every field outside <paramref name="fields"/> has its default value.</summary>
    public static bool UsesOnly(in Message message, int fields) =>
        (Allows(fields, Index) || message.Index == LogIndex.Zero)
        && (Allows(fields, LogTerm) || message.LogTerm == Term.Zero)
        && (Allows(fields, Commit) || message.Commit == LogIndex.Zero)
        && (Allows(fields, Hint) || (message.HintIndex == LogIndex.Zero && message.HintTerm == Term.Zero))
        && (Allows(fields, Held) || message.Held == LogIndex.Zero)
        && (Allows(fields, Round) || message.Round.Value == 0)
        && (Allows(fields, Entries) || message.Entries is null)
        && (Allows(fields, Reject) || !message.Reject)
        && (Allows(fields, Transfer) || !message.Transfer);

    private static bool Allows(int fields, int field) => (fields & field) != 0;
}

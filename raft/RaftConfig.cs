namespace RestKv.Raft;

/// <summary>Every limit and timeout of the protocol, in ticks, entries and bytes. Validated once, at construction of the core.</summary>
public sealed record RaftConfig
{
    /// <summary>Ticks between two heartbeats of a leader.</summary>
    public int HeartbeatTicks { get; init; } = 1;

    /// <summary>An election starts after a random number of silent ticks in [min, max).</summary>
    public int ElectionTicksMin { get; init; } = 6;

    public int ElectionTicksMax { get; init; } = 12;

    /// <summary>Entries in one append message, at most.</summary>
    public int AppendEntriesMax { get; init; } = 4096;

    /// <summary>Payload bytes in one append message, at most (a single larger entry still goes).</summary>
    public int AppendBytesMax { get; init; } = 1 << 20;

    /// <summary>Append messages in flight to one follower, at most.</summary>
    public int InflightMessagesMax { get; init; } = 256;

    /// <summary>Payload bytes in flight to one follower, at most.</summary>
    public int InflightBytesMax { get; init; } = 8 << 20;

    /// <summary>Bytes proposed but not committed (payload and a fixed cost an entry), at most: beyond it proposals are busy.</summary>
    public long UncommittedBytesMax { get; init; } = 64L << 20;

    /// <summary>Entries handed out for apply in one <see cref="Ready"/>, at most.</summary>
    public int CommittedEntriesMax { get; init; } = 8192;

    /// <summary>Read rounds in flight at a leader, at most; further reads wait for the next round.</summary>
    public int ReadRoundsMax { get; init; } = 16;

    /// <summary>Reads waiting for confirmation on one member, at most; further ones are refused.</summary>
    public int ReadsWaitingMax { get; init; } = 1 << 16;

    public void Validate()
    {
        Invariant.Check(HeartbeatTicks >= 1);
        Invariant.Check(ElectionTicksMin > HeartbeatTicks);
        Invariant.Check(ElectionTicksMax > ElectionTicksMin);
        Invariant.Check(AppendEntriesMax >= 1);
        Invariant.Check(AppendBytesMax >= 1);
        Invariant.Check(InflightMessagesMax >= 1);
        Invariant.Check(InflightBytesMax >= 1);
        Invariant.Check(UncommittedBytesMax >= 1);
        Invariant.Check(CommittedEntriesMax >= 1);
        Invariant.Check(ReadRoundsMax >= 1);
        Invariant.Check(ReadsWaitingMax >= 1);
    }
}

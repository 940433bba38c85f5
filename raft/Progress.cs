namespace RestKv.Raft;

/// <summary>How a leader feeds one follower.</summary>
internal enum ProgressState : byte
{
    /// <summary>The leader does not know where the logs agree: one append at a time, then wait for its answer.</summary>
    Probe = 0,

    /// <summary>The logs agree up to Match: appends are pipelined within the window.</summary>
    Replicate = 1,

    /// <summary>The next entry is gone from the leader's log: nothing is sent until a snapshot has arrived.</summary>
    Snapshot = 2,
}

/// <summary>
/// What a leader knows of one other member, and every transition of that knowledge. Owned by the leader's
/// <see cref="RaftCore"/>; thrown away with the leadership. Invariant: <c>Match &lt; Next</c>, and in Replicate all entries
/// between them are in flight.
/// </summary>
internal sealed class Progress(NodeId id, LogIndex next, long now, RaftConfig config)
{
    private readonly Inflight _inflight = new(config.InflightMessagesMax, config.InflightBytesMax);

    /// <summary>Highest commit index in an append sent so far, never beyond <c>Next - 1</c>.</summary>
    private LogIndex _commitSent;

    /// <summary>Probe: an unanswered append is out. Replicate: no reason to send an empty append.</summary>
    private bool _paused;

    public NodeId Id { get; } = id;

    public bool IsVoter { get; set; }

    public ProgressState State { get; private set; } = ProgressState.Probe;

    /// <summary>The follower has said that its disk holds the leader's log up to here.</summary>
    public LogIndex Match { get; private set; }

    public LogIndex Next { get; private set; } = next;

    /// <summary>Tick of the last message from this member.</summary>
    public long LastHeard
    {
        get;
        set
        {
            field = value;
            IsLost = false;
        }
    } = now;

    /// <summary>Its connection broke and nothing has come since.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Highest read round that this member has answered.</summary>
    public long RoundAcked { get; private set; }

    public int InflightCount => _inflight.Count;

    /// <summary>Whether an append is due, with or without entries.</summary>
    public bool WantsAppend(LogIndex last, LogIndex committed)
    {
        switch (State)
        {
            case ProgressState.Probe:
                return !_paused;
            case ProgressState.Replicate:
                return CanTakeEntries(last) || CommitIsNews(committed) || (!_paused && Match < last);
            case ProgressState.Snapshot:
            default:
                return false;
        }
    }

    public bool CanTakeEntries(LogIndex last) =>
        Next <= last && (State == ProgressState.Probe || (State == ProgressState.Replicate && !_inflight.Full));

    /// <summary>An append with entries up to <paramref name="lastSent"/> (none when it is <c>Next - 1</c>) has been queued.</summary>
    public void Sent(LogIndex lastSent, int bytes, LogIndex commit)
    {
        Invariant.Check(State != ProgressState.Snapshot);
        if (State == ProgressState.Replicate && lastSent >= Next)
        {
            _inflight.Add(lastSent, bytes);
            Next = lastSent.Next;
        }

        _paused = true;
        _commitSent = Max(_commitSent, Min(commit, Next.Previous));
    }

    /// <summary>The follower's log is durable and equal to ours up to <paramref name="index"/>. False when that was known.</summary>
    public bool Acked(LogIndex index, LogIndex firstAvailable)
    {
        var isNews = index > Match;
        if (isNews)
        {
            Match = index;
            Next = Max(Next, index.Next);
        }

        switch (State)
        {
            case ProgressState.Probe when index == Match:
                BecomeReplicate();
                return true;
            case ProgressState.Snapshot when Match.Next >= firstAvailable:
                BecomeReplicate();
                return true;
            case ProgressState.Replicate:
                _inflight.FreeUpTo(index);
                return isNews;
            default:
                return isNews;
        }
    }

    /// <summary>
    /// The follower could not place an append behind <paramref name="rejected"/>; the logs may agree at
    /// <paramref name="agreed"/>. False when the message is an old one that later acknowledgements have overtaken, or when
    /// the follower takes back what it acknowledged: it has lost its disk, and answering at once would go on for ever.
    /// </summary>
    public bool Rejected(LogIndex rejected, LogIndex agreed)
    {
        switch (State)
        {
            case ProgressState.Replicate when rejected > Match:
            case ProgressState.Probe when rejected > Match && rejected == Next.Previous:
                BecomeProbe(Max(Match.Next, Min(rejected, agreed.Next)));
                return true;
            case ProgressState.Snapshot:
            default:
                return false;
        }
    }

    /// <summary>A heartbeat was answered: the member is there, so a lost probe or a lost tail is worth another message.</summary>
    public void HeartbeatAnswered(long round)
    {
        _paused = false;
        RoundAcked = Math.Max(RoundAcked, round);
    }

    /// <summary>Its connection broke: what was in flight may be lost. Probing waits for a sign of life.</summary>
    public void ConnectionLost()
    {
        if (State == ProgressState.Replicate)
        {
            BecomeProbe(Match.Next);
        }

        _paused = true;
        IsLost = true;
    }

    /// <summary>It lost what it had acknowledged: it holds nothing that is known of, and has answered nothing.</summary>
    public void Forget()
    {
        Match = LogIndex.Zero;
        RoundAcked = 0;
        _commitSent = LogIndex.Zero;
        State = ProgressState.Probe;
        _inflight.Clear();
        _paused = true;
        IsLost = true;
    }

    public void BecomeSnapshot()
    {
        State = ProgressState.Snapshot;
        _inflight.Clear();
    }

    /// <summary>The snapshot arrived or failed, but what the follower now holds is not known from it: ask.</summary>
    public void SnapshotEnded(bool delivered, LogIndex firstAvailable)
    {
        if (State != ProgressState.Snapshot)
        {
            return;
        }

        // A delivered snapshot reaches at least to the start of the window, or the follower's answer will tell.
        BecomeProbe(delivered ? Max(Match.Next, firstAvailable) : Match.Next);
        _paused = !delivered;
    }

    private static LogIndex Max(LogIndex left, LogIndex right) => left > right ? left : right;

    private static LogIndex Min(LogIndex left, LogIndex right) => left < right ? left : right;

    private bool CommitIsNews(LogIndex committed) => _commitSent < Min(committed, Next.Previous);

    private void BecomeReplicate()
    {
        State = ProgressState.Replicate;
        Next = Match.Next;
        _inflight.Clear();
        _paused = true;
        _commitSent = Min(_commitSent, Match);
    }

    private void BecomeProbe(LogIndex next)
    {
        State = ProgressState.Probe;
        Next = next;
        _inflight.Clear();
        _paused = false;
        _commitSent = Min(_commitSent, Match);
    }
}

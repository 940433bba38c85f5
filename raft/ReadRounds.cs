namespace RestKv.Raft;

/// <summary>A read that waits at the leader. <paramref name="From"/> is none when it was asked for on this member.</summary>
internal readonly record struct ReadRequest(ReadId Id, NodeId From);

/// <summary>
/// Read barriers of a leader. A request joins the next round; a round, once started, takes nobody else, because its
/// heartbeats may have been answered before the request existed. Numbers only grow, within one process life, so that an
/// acknowledgement of round n confirms every round up to n and no number ever means two things. Owned by
/// <see cref="RaftCore"/>.
/// </summary>
internal sealed class ReadRounds
{
    /// <summary>All requests, oldest first; those of started rounds come before the ones that wait.</summary>
    private readonly Queue<ReadRequest> _requests = new();

    private readonly Queue<(long Round, LogIndex Index, int Requests)> _started = new();

    private int _waiting;

    /// <summary>Requests already taken from the oldest started round.</summary>
    private int _taken;

    /// <summary>The round that was started last; zero before the first.</summary>
    public long Latest { get; private set; }

    public int Count => _requests.Count;

    public int StartedCount => _started.Count;

    public bool HasWaiting => _waiting > 0;

    public void Add(in ReadRequest request)
    {
        _requests.Enqueue(request);
        _waiting++;
    }

    /// <summary>Starts a round with everybody who waits; they will read at <paramref name="commit"/> or later.</summary>
    public long Start(LogIndex commit)
    {
        Invariant.Check(HasWaiting);
        Latest++;
        _started.Enqueue((Latest, commit, _waiting));
        _waiting = 0;
        return Latest;
    }

    /// <summary>Takes the next request of a round at or below <paramref name="confirmed"/>, oldest first.</summary>
    public bool TryTakeConfirmed(long confirmed, out ReadRequest request, out LogIndex index)
    {
        request = default;
        index = default;
        if (!_started.TryPeek(out var round) || round.Round > confirmed)
        {
            return false;
        }

        request = _requests.Dequeue();
        index = round.Index;
        _taken++;
        if (_taken == round.Requests)
        {
            _started.Dequeue();
            _taken = 0;
        }

        return true;
    }

    /// <summary>Takes any request, when none of them can be confirmed any more.</summary>
    public bool TryTakeAny(out ReadRequest request)
    {
        _started.Clear();
        _waiting = 0;
        _taken = 0;
        return _requests.TryDequeue(out request);
    }
}

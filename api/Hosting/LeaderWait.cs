using RestKv.Raft;

namespace RestKv.Api.Hosting;

/// <summary>
/// Lets requests that came while nobody leads, or that a leader gave back, wait out an election or a hand-over instead of
/// being refused. Patience is counted from the loss of the leader and not from the request: a member that has been without
/// one for longer refuses at once. Written by the replica thread, awaited by requests.
/// </summary>
internal sealed class LeaderWait(TimeProvider time)
{
    /// <summary>
    /// A leader gave a request back and no other is known yet: it has stepped down, and this member has not heard. It is asked
    /// again after so long, for it may also have won once more.
    /// </summary>
    private static readonly TimeSpan SameLeaderPause = TimeSpan.FromMilliseconds(10);

    private volatile Reign _reign = new(NodeId.None, Term.Zero, time.GetTimestamp());
    private volatile bool _isOver;

    /// <summary>How long after the loss of a leader requests are held, and how long a request is submitted again.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Who leads now. To be noted before a request is submitted, and passed to the wait when it was given back.</summary>
    public object Now => _reign;

    /// <summary>Called with every publication.</summary>
    public void Published(NodeId leader, Term term)
    {
        var last = _reign;
        if (leader == last.Leader && (leader.IsNone || term == last.Term))
        {
            return;
        }

        _reign = new Reign(leader, term, time.GetTimestamp());
        last.Ended.TrySetResult();
    }

    /// <summary>Nobody waits any more: the member stops, and says so to each.</summary>
    public void End()
    {
        _isOver = true;
        _reign.Ended.TrySetResult();
    }

    /// <summary>
    /// True when the request should be submitted again: another leader than at the time of <paramref name="seen"/> is known now
    /// or soon enough, or the same one should be asked once more. False at once when patience is over.
    /// </summary>
    public async ValueTask<bool> WaitAsync(object seen, TimeSpan timeout)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var reign = _reign;
            if (_isOver || (!reign.Leader.IsNone && !ReferenceEquals(reign, seen)))
            {
                return true;
            }

            var patience = reign.Leader.IsNone ? Patience - time.GetElapsedTime(reign.Began) : SameLeaderPause;
            var left = timeout - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || patience <= TimeSpan.Zero)
            {
                return false;
            }

            if (!await EndsWithinAsync(reign, left < patience ? left : patience))
            {
                return !reign.Leader.IsNone && left > patience;
            }
        }
    }

    private async ValueTask<bool> EndsWithinAsync(Reign reign, TimeSpan timeout)
    {
        try
        {
            await reign.Ended.Task.WaitAsync(timeout, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private sealed class Reign(NodeId leader, Term term, long began)
    {
        public NodeId Leader { get; } = leader;

        public Term Term { get; } = term;

        public long Began { get; } = began;

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>
/// Whether this member may take part. After a start it says and hears nothing until every other member has judged it or had time
/// to; who is told that it has lost what it promised never does. Callable from any thread.
/// </summary>
/// <param name="judges">The other members.</param>
internal sealed class PeerStanding(IEnumerable<NodeId> judges, Action<PeerRefusal>? onLost = null) : IDisposable
{
    // A lock and not a queue: a few members once after a start.
    private readonly Lock _gate = new();
    private readonly HashSet<NodeId> _silent = [.. judges];
    private ITimer? _patience;
    private PeerRefusal? _loss;
    private volatile bool _takesPart;

    /// <summary>Messages of consensus may come and go.</summary>
    public bool TakesPart => _takesPart;

    /// <summary>What this member has lost; null when it has not.</summary>
    public PeerRefusal? Loss => Volatile.Read(ref _loss);

    /// <summary>Nobody needs to be asked: for a member that is alone, and for tests.</summary>
    public static PeerStanding Unquestioned()
    {
        var standing = new PeerStanding([]);
        standing.Trust();
        return standing;
    }

    /// <summary>Begins to wait for the judges, for so long at most: one that cannot be reached must not keep this member out.</summary>
    public void Begin(TimeProvider time, TimeSpan patience)
    {
        lock (_gate)
        {
            if (_silent.Count > 0)
            {
                _patience = time.CreateTimer(_ => Trust(), null, patience, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        Trust();
    }

    /// <summary>The peer has let this member in.</summary>
    public void Accepted(NodeId peer)
    {
        lock (_gate)
        {
            if (!_silent.Remove(peer) || _silent.Count > 0)
            {
                return;
            }
        }

        Trust();
    }

    /// <summary>The peer says that this member has lost its promises, or it has kept so itself. For ever.</summary>
    public void Lose(PeerRefusal loss)
    {
        lock (_gate)
        {
            if (_loss is not null)
            {
                return;
            }

            _takesPart = false;
            Volatile.Write(ref _loss, loss);
        }

        onLost?.Invoke(loss);
    }

    public void Dispose() => _patience?.Dispose();

    private void Trust()
    {
        lock (_gate)
        {
            _takesPart = _loss is null;
        }
    }
}

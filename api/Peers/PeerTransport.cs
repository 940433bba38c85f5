using System.Collections.Frozen;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>
/// The way to the other members and from them: a listener, and a link to each member of the directory. Links come and go with
/// the directory. <see cref="Send"/> is for the replica thread; the rest may be called from any.
/// </summary>
internal sealed class PeerTransport : IDisposable
{
    private readonly PeerNet _net;
    private readonly PeerListener? _listener;
    private readonly PeerSnapshots? _snapshots;

    // A lock and not a queue: links are made and ended a few times in the life of a process.
    private readonly Lock _gate = new();
    private readonly List<PeerLink> _retired = [];
    private FrozenDictionary<NodeId, PeerLink> _links = FrozenDictionary<NodeId, PeerLink>.Empty;
    private bool _isStopped;

    /// <param name="addresses">Where to listen; none for a member that is alone and stays so.</param>
    /// <param name="snapshots">Sends and takes snapshots; null where there is no store, and then none are.</param>
    public PeerTransport(
        PeerNet net, IReadOnlyList<Uri> addresses, PeerSnapshots? snapshots, ILoggerFactory loggers, IServiceProvider services,
        PeerQueries? queries = null)
    {
        (_net, _snapshots) = (net, snapshots);
        _listener = addresses.Count == 0
            ? null
            : new PeerListener(addresses, net, new PeerSessions(net, Greet), snapshots?.Inbox, queries, loggers, services);
    }

    /// <summary>What is known of the other members.</summary>
    public IReadOnlyList<PeerState> Peers
    {
        get
        {
            var links = Volatile.Read(ref _links);
            return [.. _net.Directory.Others.Where(peer => links.ContainsKey(peer.Id)).Select(peer =>
                new PeerState(peer, links[peer.Id].IsConnected, links[peer.Id].Dropped, links[peer.Id].Lost, links[peer.Id].Counters))];
        }
    }

    public PeerNet Net => _net;

    /// <exception cref="IOException">An address cannot be had.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_listener is not null)
        {
            await _listener.StartAsync(cancellationToken);
        }

        _net.Directory.Changed += Align;
        Align();
    }

    /// <summary>Hands the message to its peer's link. Never blocks, may drop, and does while this member takes no part.</summary>
    public void Send(in Message message)
    {
        if (_net.Standing.TakesPart && Volatile.Read(ref _links).TryGetValue(message.To, out var link))
        {
            link.Send(message);
        }
    }

    /// <summary>Begins to send a snapshot that reaches at least so far. Its end is told to the replica, once.</summary>
    public void SendSnapshot(NodeId peer, LogIndex atLeast)
    {
        if (_snapshots is null)
        {
            _net.Post(ReplicaEvent.SnapshotSent(peer, delivered: false));
        }
        else
        {
            _snapshots.Sender.Send(peer, atLeast);
        }
    }

    /// <summary>Ends all connections, both ways; the peers notice at once.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        PeerLink[] links;
        lock (_gate)
        {
            _isStopped = true;
            links = [.. _links.Values, .. _retired];
        }

        _net.Directory.Changed -= Align;
        await Task.WhenAll(links.Select(link => link.StopAsync()));
        if (_snapshots is not null)
        {
            await _snapshots.Sender.StopAsync();
        }

        if (_listener is not null)
        {
            await _listener.StopAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        _net.Directory.Changed -= Align;
        lock (_gate)
        {
            _isStopped = true;
            foreach (var link in _links.Values.Concat(_retired))
            {
                link.Dispose();
            }
        }

        _net.Standing.Dispose();
        _listener?.Dispose();
        _snapshots?.Dispose();
    }

    /// <summary>Somebody called and was let in: it is there, so no waiting before it is called back.</summary>
    private void Greet(PeerHello hello)
    {
        _net.Directory.Learn(hello.From, hello.Address);
        if (Volatile.Read(ref _links).TryGetValue(hello.From, out var link))
        {
            link.Hurry();
        }
    }

    /// <summary>A link for each member of the directory, and for nobody else.</summary>
    private void Align()
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                return;
            }

            var wanted = _net.Directory.Others.Select(peer => peer.Id).ToHashSet();
            var links = _links.ToDictionary();
            foreach (var id in wanted.Where(id => !links.ContainsKey(id)))
            {
                links.Add(id, new PeerLink(_net, id));
                links[id].Start();
            }

            foreach (var id in links.Keys.Where(id => !wanted.Contains(id)).ToArray())
            {
                links.Remove(id, out var link);
                Retire(Invariant.NotNull(link));
            }

            Volatile.Write(ref _links, links.ToFrozenDictionary());
        }
    }

    /// <summary>Ends a link beside everything else; the stop of the transport waits for it.</summary>
    private void Retire(PeerLink link)
    {
        _retired.Add(link);
        link.BeginStop();
    }
}

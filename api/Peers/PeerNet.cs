using System.Collections.Concurrent;
using RestKv.Api.Hosting;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>What every part of the transport shares. Callable from any thread.</summary>
internal sealed class PeerNet(
    PeerIdentity self, PeerDirectory directory, ReplicaMailbox mailbox, PeerSecurity security, ILogger logger,
    PeerMemory? memory = null, PeerStanding? standing = null)
{
    private readonly ConcurrentDictionary<NodeId, PeerCounters> _counters = new();
    private long _garbage;
    private long _refused;
    private long _overflowed;

    public PeerIdentity Self => self;

    public PeerDirectory Directory => directory;

    public PeerMemory Memory { get; } = memory ?? new PeerMemory();

    public PeerStanding Standing { get; } = standing ?? PeerStanding.Unquestioned();

    public PeerSecurity Security => security;

    public ILogger Logger => logger;

    /// <summary>Connections closed because of bytes that no member sends.</summary>
    public long Garbage => Volatile.Read(ref _garbage);

    /// <summary>Connections closed because of who called.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Messages that came and were dropped, because the replica was too far behind.</summary>
    public long Overflowed => Volatile.Read(ref _overflowed);

    /// <summary>Of a member that was told or has been judged: never more than there are.</summary>
    public PeerCounters CountersOf(NodeId peer) => _counters.GetOrAdd(peer, static _ => new PeerCounters());

    /// <summary>A message of a peer; lost while this member takes no part.</summary>
    public void Post(in Message message)
    {
        if (!Standing.TakesPart)
        {
            return;
        }

        if (!mailbox.TryPostPeer(message))
        {
            Interlocked.Increment(ref _overflowed);
        }
    }

    public void Post(in ReplicaEvent e) => mailbox.Post(e);

    /// <summary>A connection to or from the peer broke: consensus should know now, not after a timeout.</summary>
    public void ReportLoss(NodeId peer)
    {
        CountersOf(peer).Lost();
        mailbox.Post(ReplicaEvent.PeerLost(peer));
    }

    public void ReportGarbage(string from, string what)
    {
        Interlocked.Increment(ref _garbage);
        PeerLog.Garbage(logger, from, what);
    }

    public void ReportRefusal(string from, string reason)
    {
        Interlocked.Increment(ref _refused);
        PeerLog.Refused(logger, from, reason);
    }
}

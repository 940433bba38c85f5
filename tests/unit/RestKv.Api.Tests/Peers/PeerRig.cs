using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using RestKv.Api.Hosting;
using RestKv.Api.Peers;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Api.Tests.Peers;

/// <summary>The transport of one member over real connections; the mailbox takes the replica's place.</summary>
internal sealed class PeerRig : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().BuildServiceProvider();

    /// <param name="disk">What its disk held at the start.</param>
    /// <param name="node">Whom questions besides consensus are put to; without one none are answered.</param>
    public PeerRig(
        long member, long cluster = 0xC, ReplicaStore? store = null, long incarnation = 1, DiskFacts disk = default,
        PeerStanding? standing = null, Uri? address = null, INode? node = null)
    {
        Member = new NodeId(member);
        Address = address ?? new UriBuilder(Uri.UriSchemeHttp, LoopbackAddresses.Next().ToString(), 2380).Uri;
        Directory = new PeerDirectory(Member);
        var self = new PeerIdentity(
            new ClusterId(cluster), Member, incarnation, member * 100, Address.GetLeftPart(UriPartial.Authority))
        {
            Life = (member * 1000) + incarnation,
            Facts = disk,
        };
        Net = new PeerNet(self, Directory, Mailbox, PeerSecurity.ClearText, NullLogger.Instance, standing: standing);
        Transport = new PeerTransport(
            Net, [Address], store is null ? null : Snapshots(store), NullLoggerFactory.Instance, _services,
            node is null ? null : new PeerQueries(node, Mailbox));
    }

    public NodeId Member { get; }

    public Uri Address { get; }

    public ReplicaMailbox Mailbox { get; } = new();

    public PeerDirectory Directory { get; }

    public PeerNet Net { get; }

    public PeerTransport Transport { get; }

    public IPEndPoint EndPoint => new(IPAddress.Parse(Address.Host), Address.Port);

    public async Task StartAsync(params PeerRig[] others)
    {
        Directory.Update(others.Select(other => new PeerAddress(other.Member, $"n{other.Member}", [other.Address])), []);
        await Transport.StartAsync(CancellationToken.None);
    }

    public Task UntilConnectedAsync() =>
        Eventually.TrueAsync(() => Transport.Peers.Count > 0 && Transport.Peers.All(peer => peer.IsConnected), $"{Member} to be connected");

    public void Send(PeerRig to, MessageKind kind, long round, params byte[] payload) => Transport.Send(new Message
    {
        Kind = kind,
        From = Member,
        To = to.Member,
        Term = new Term(1),
        Round = new ReadId(kind == MessageKind.Append ? 0 : round),
        Index = new LogIndex(kind == MessageKind.Append ? round - 1 : 0),
        LogTerm = new Term(kind == MessageKind.Append && round > 1 ? 1 : 0),
        Entries = kind == MessageKind.Append ? [new Entry(new LogIndex(round), new Term(1), EntryKind.Command, payload)] : null,
    });

    /// <summary>The next event of a kind; others are passed over.</summary>
    public async Task<ReplicaEvent> NextAsync(ReplicaEventKind kind)
    {
        var found = default(ReplicaEvent);
        await Eventually.TrueAsync(
            () =>
            {
                while (Mailbox.TryTake(out var e))
                {
                    if (e.Kind == kind)
                    {
                        found = e;
                        return true;
                    }
                }

                return false;
            },
            $"an event {kind} at {Member}");
        return found;
    }

    private PeerSnapshots Snapshots(ReplicaStore store) =>
        new(new PeerSnapshotSender(Net, store), new PeerSnapshotInbox(Net, store, fault => Assert.Fail(fault.ToString())));

    public async ValueTask DisposeAsync()
    {
        await Transport.StopAsync(CancellationToken.None);
        Transport.Dispose();
        Mailbox.Dispose();
        await _services.DisposeAsync();
    }
}

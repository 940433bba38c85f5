using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace RestKv.Api.Peers;

/// <summary>
/// Serves the other members on ports of their own, with a server of its own: nothing that clients may ask answers here, nothing
/// of this answers there, and a flood of clients takes no place from consensus.
/// </summary>
internal sealed class PeerListener : IDisposable
{
    /// <summary>What one stream may have on its way to a reader that is busy: bounds memory and keeps a fast network full.</summary>
    private const int StreamWindowBytes = 1 << 20;
    private const int ConnectionWindowBytes = 2 << 20;
    private const int ConnectionsMax = 1024;

    private readonly PeerNet _net;
    private readonly IReadOnlyList<Uri> _addresses;
    private readonly KestrelServer _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly PeerApplication _application;

    public PeerListener(
        IReadOnlyList<Uri> addresses, PeerNet net, PeerSessions sessions, PeerSnapshotInbox? snapshots, PeerQueries? queries,
        ILoggerFactory loggers, IServiceProvider services)
    {
        (_addresses, _net) = (addresses, net);
        _application = new PeerApplication(sessions, snapshots, queries, _stop.Token);
        _server = new KestrelServer(
            Options.Create(Settings(services)),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers),
            loggers);
    }

    /// <exception cref="IOException">An address cannot be had.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(_application, cancellationToken);
        var addresses = string.Join(' ', _addresses.Select(address => address.GetLeftPart(UriPartial.Authority)));
        PeerLog.Serving(_net.Logger, addresses);
    }

    /// <summary>Ends every stream first: they last for ever, and a server waits for what it serves.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _server.StopAsync(cancellationToken);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _server.Dispose();
        _stop.Dispose();
    }

    private KestrelServerOptions Settings(IServiceProvider services)
    {
        var options = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        var limits = options.Limits;

        // Streams have no end and may be silent; that a peer is gone is found by pings.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = null;
        limits.MaxConcurrentConnections = ConnectionsMax;

        // For connections on which nobody has asked for anything.
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(10);
        limits.Http2.MaxStreamsPerConnection = 1;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(3);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(3);
        foreach (var address in _addresses)
        {
            Listen(options, address);
        }

        return options;
    }

    private void Listen(KestrelServerOptions options, Uri address)
    {
        if (IPAddress.TryParse(address.DnsSafeHost, out var ip))
        {
            options.Listen(ip, address.Port, _net.Security.ProtectEndpoint);
        }
        else
        {
            options.ListenLocalhost(address.Port, _net.Security.ProtectEndpoint);
        }
    }
}

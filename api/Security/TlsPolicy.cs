using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using RestKv.Api.Hosting;
using RestKv.Raft;

namespace RestKv.Api.Security;

/// <summary>
/// The one place that decides about TLS, for all listeners and for connections to peers: versions, protocols, whose certificate
/// is shown and whose is trusted. A second path is how such rules get bypassed.
/// </summary>
internal sealed partial class TlsPolicy
{
    /// <summary>Whoever has not shaken hands by then holds no connection any longer.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;

    private readonly TimeProvider _time;
    private readonly ILogger<TlsPolicy> _logger;

    /// <exception cref="TlsConfigurationException">A certificate cannot be used: the start ends.</exception>
    public TlsPolicy(NodeOptions options, TimeProvider time, ILogger<TlsPolicy> logger)
    {
        (_time, _logger) = (time, logger);
        Clients = TlsFiles.OfClients(options) is { } clients ? new TlsSide(clients, time.GetUtcNow()) : null;
        Peers = TlsFiles.OfPeers(options) is { } peers ? new TlsSide(peers, time.GetUtcNow()) : null;
    }

    /// <summary>Null when clients are served in the clear.</summary>
    public TlsSide? Clients { get; }

    /// <summary>Null when peers talk in the clear.</summary>
    public TlsSide? Peers { get; }

    public IEnumerable<TlsSide> Sides => new[] { Clients, Peers }.OfType<TlsSide>();

    /// <summary>Makes a listener of `https://` client addresses. To be called before other middleware of the connection.</summary>
    public void SecureClients(ListenOptions listen) => Secure(listen, Invariant.NotNull(Clients));

    /// <summary>Makes a listener of `https://` peer addresses: both sides show certificates of the peers' authority.</summary>
    public void SecurePeers(ListenOptions listen) => Secure(listen, Invariant.NotNull(Peers));

    /// <summary>For <see cref="SocketsHttpHandler"/>s that call peers by `https://`: every connection takes the certificate of its time.</summary>
    public void SecurePeers(SocketsHttpHandler handler) => handler.ConnectCallback = async (context, cancellationToken) =>
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return await ConnectToPeerAsync(
                new NetworkStream(socket, ownsSocket: true), context.DnsEndPoint.Host, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    };

    /// <summary>Shakes hands with a peer over a connection that stands.</summary>
    /// <param name="host">The host of the peer's URL, which its certificate must name.</param>
    /// <exception cref="AuthenticationException">Says which certificate, name, usage or date is wrong.</exception>
    public async Task<SslStream> ConnectToPeerAsync(Stream transport, string host, CancellationToken cancellationToken)
    {
        string? fault = null;
        var stream = new SslStream(transport, leaveInnerStreamOpen: false);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(HandshakeTimeout);
        try
        {
            await stream.AuthenticateAsClientAsync(PeerClientOptions(host, text => fault = text), deadline.Token);
            return stream;
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException)
        {
            await stream.DisposeAsync();
            throw new AuthenticationException(
                fault is null ? $"TLS with peer {host} failed: {failure.Message}" : $"peer {host}: {fault}", failure);
        }
        catch (OperationCanceledException)
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <param name="onFault">Told why the peer's certificate is refused; the handshake itself only says that it was.</param>
    public SslClientAuthenticationOptions PeerClientOptions(string host, Action<string> onFault)
    {
        var side = Invariant.NotNull(Peers);
        var material = side.Current;
        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ClientCertificateContext = material.Context,
            EnabledSslProtocols = Versions,
            EncryptionPolicy = EncryptionPolicy.RequireEncryption,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                Judge(side, material, certificate, chain, CertificateUse.Server, host, onFault),
        };
    }

    /// <summary>Made anew for every handshake, so that a renewed certificate counts at once.</summary>
    public SslServerAuthenticationOptions ServerOptions(TlsSide side, EndPoint? remote)
    {
        var material = side.Current;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = material.Context,
            EnabledSslProtocols = Versions,
            EncryptionPolicy = EncryptionPolicy.RequireEncryption,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ClientCertificateRequired = material.Authorities is not null,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                (certificate is null && !side.Files.RequiresClient)
                || Judge(
                    side, material, certificate, chain, CertificateUse.Client, null,
                    text => NoteRefused(side, remote, text)),
        };
    }

    private void Secure(ListenOptions listen, TlsSide side) => listen.UseHttps(new TlsHandshakeCallbackOptions
    {
        HandshakeTimeout = HandshakeTimeout,
        OnConnection = context => ValueTask.FromResult(ServerOptions(side, context.Connection.RemoteEndPoint)),
    });

    private bool Judge(
        TlsSide side, TlsMaterial material, X509Certificate? certificate, X509Chain? chain, CertificateUse use, string? host,
        Action<string> onFault)
    {
        var fault = certificate is not X509Certificate2 shown ? "no certificate was shown"
            : RemoteCertificate.FindFault(
                shown, chain?.ChainPolicy.ExtraStore ?? [], material.Authorities ?? [], use, host, _time.GetUtcNow());
        if (fault is not null)
        {
            side.CountRefused();
            onFault(fault);
        }

        return fault is null;
    }

    private void NoteRefused(TlsSide side, EndPoint? remote, string reason)
    {
        var address = remote?.ToString() ?? "";
        LogRefused(side.Files.Listener, address, reason);
    }

    [LoggerMessage(EventId = 1074, EventName = "CertificateRefused", Level = LogLevel.Information,
        Message = "{Listener} connection from {Remote} refused: {Reason}")]
    private partial void LogRefused(string listener, string remote, string reason);
}

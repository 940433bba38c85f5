using Microsoft.AspNetCore.Server.Kestrel.Core;
using RestKv.Api.Security;

namespace RestKv.Api.Peers;

/// <summary>How connections between members are protected: the one place where listening and calling are made alike.</summary>
/// <param name="ProtectEndpoint">Sets up an address that this member listens on; it must end in HTTP/2.</param>
/// <param name="ProtectCaller">Sets up connections that this member opens to an address.</param>
internal sealed record PeerSecurity(Action<ListenOptions> ProtectEndpoint, Action<SocketsHttpHandler, Uri> ProtectCaller)
{
    /// <summary>Allowed on loopback, or where the operator accepts it. HTTP/2 is agreed on beforehand.</summary>
    public static readonly PeerSecurity ClearText = new(endpoint => endpoint.Protocols = HttpProtocols.Http2, (_, _) => { });

    /// <summary>Mutual TLS where there are certificates for peers; their addresses are https:// then.</summary>
    public static PeerSecurity Of(TlsPolicy tls) => tls.Peers is null
        ? ClearText
        : new PeerSecurity(
            endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http2;
                tls.SecurePeers(endpoint);
            },
            (handler, _) => tls.SecurePeers(handler));
}

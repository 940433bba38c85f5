using System.Net;

namespace RestKv.Api.Etcd;

/// <summary>What one call carries besides its request, whichever way it came. Owned by the call.</summary>
internal sealed class EtcdCall
{
    /// <summary>A call whose token is never read: requests that the gateway and gRPC make for nobody.</summary>
    public static readonly EtcdCall None = new();

    /// <summary>The login token as it came, without "Bearer"; null when there is none.</summary>
    public string? Token { get; init; }

    /// <summary>The caller wants an error while this member knows no leader (`hasleader`).</summary>
    public bool RequiresLeader { get; init; }

    /// <summary>Common name of the client's certificate; null for a client without one.</summary>
    public string? CertificateName { get; init; }

    /// <summary>True for JSON over HTTP, false for gRPC.</summary>
    public bool IsGateway { get; init; }

    public IPAddress? RemoteIp { get; init; }

    public string RemoteAddress => RemoteIp?.ToString() ?? "";

    /// <summary>The client is gone, or its deadline has passed.</summary>
    public CancellationToken Aborted { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The same caller, for what is left to do when the call itself is over.</summary>
    public EtcdCall Outlived() => new()
    {
        Token = Token,
        CertificateName = CertificateName,
        IsGateway = IsGateway,
        RemoteIp = RemoteIp,
    };
}

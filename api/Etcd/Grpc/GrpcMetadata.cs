using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>What the headers and the connection say about a call besides its messages.</summary>
internal static class GrpcMetadata
{
    private const string TokenName = "token";
    private const string RequiresLeaderName = "hasleader";
    private const string CommonName = "2.5.4.3";

    /// <summary>By connection: certificates and addresses do not change on one, and its calls run side by side.</summary>
    private static readonly ConditionalWeakTable<object, Peer> Peers = [];

    public static bool IsGrpc(HttpRequest request)
    {
        const string Type = "application/grpc";
        var type = request.ContentType.AsSpan();
        if (!type.StartsWith(Type, StringComparison.OrdinalIgnoreCase) || !HttpProtocol.IsHttp2(request.Protocol))
        {
            return false;
        }

        var rest = type[Type.Length..];
        return rest.IsEmpty || rest[0] == ';' || rest.Equals("+proto", StringComparison.OrdinalIgnoreCase)
            || rest.StartsWith("+proto;", StringComparison.OrdinalIgnoreCase);
    }

    public static EtcdCall ReadCall(HttpContext context, TimeSpan? timeout, TimeProvider time, CancellationToken ended)
    {
        var headers = context.Request.Headers;
        var peer = PeerOf(context);
        return new EtcdCall
        {
            Token = headers.TryGetValue(TokenName, out var token) && token.Count > 0 ? token[0]
                : headers.Authorization is { Count: > 0 } authorization ? authorization[0]
                : null,
            RequiresLeader = headers.TryGetValue(RequiresLeaderName, out var leader) && leader.Count > 0 && leader[0] == "true",
            CertificateName = peer.CertificateName,
            RemoteAddress = peer.Address,
            Aborted = ended,
            Deadline = timeout is { } left ? time.GetUtcNow() + left : null,
        };
    }

    private static Peer PeerOf(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>() is { } connection
            ? Peers.GetOrAdd(connection, static (_, context) => Look(context), context)
            : Look(context);

    private static Peer Look(HttpContext context)
    {
        var connection = context.Connection;
        return new Peer(
            $"{connection.RemoteIpAddress}:{connection.RemotePort}",
            connection.ClientCertificate is { } certificate ? NameOf(certificate) : null);
    }

    /// <summary>The common name, and nothing that stands in for one.</summary>
    private static string NameOf(X509Certificate2 certificate) =>
        certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .FirstOrDefault(part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
            ?.GetSingleElementValue() ?? "";

    private sealed record Peer(string Address, string? CertificateName);
}

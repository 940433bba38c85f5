using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using RestKv.Api.Security;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>What the headers and the connection say about a call besides its messages.</summary>
internal static class GrpcMetadata
{
    private const string TokenName = "token";
    private const string RequiresLeaderName = "hasleader";
    private const string Bearer = "Bearer ";

    /// <summary>Read once: a connection has one certificate, and many calls side by side.</summary>
    private static readonly ConditionalWeakTable<X509Certificate2, string> CommonNames = [];

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
        var connection = context.Connection;
        return new EtcdCall
        {
            Token = TokenOf(headers),
            RequiresLeader = headers.TryGetValue(RequiresLeaderName, out var leader) && leader.Count > 0 && leader[0] == "true",
            CertificateName = connection.ClientCertificate is { } certificate
                ? CommonNames.GetValue(certificate, CertificateFacts.CommonNameOf)
                : null,
            RemoteIp = connection.RemoteIpAddress,
            Aborted = ended,
            Deadline = timeout is { } left ? time.GetUtcNow() + left : null,
        };
    }

    private static string? TokenOf(IHeaderDictionary headers)
    {
        if (headers.TryGetValue(TokenName, out var token) && token.Count > 0)
        {
            return token[0];
        }

        var authorization = headers.Authorization;
        return authorization.Count == 0 || authorization[0] is not { } text ? null
            : text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? text[Bearer.Length..]
            : text;
    }
}

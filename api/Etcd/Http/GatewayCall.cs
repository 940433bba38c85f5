using RestKv.Api.Etcd.Grpc;
using RestKv.Api.Security;

namespace RestKv.Api.Etcd.Http;

/// <summary>What the headers of a request say about its call. Owns the timer of the call's deadline.</summary>
internal sealed class GatewayCall : IDisposable
{
    private const string Bearer = "Bearer ";
    private const string MetadataToken = "Grpc-Metadata-Token";
    private const string MetadataLeader = "Grpc-Metadata-Hasleader";
    private const string Timeout = "Grpc-Timeout";

    private readonly CancellationTokenSource? _timer;
    private readonly CancellationTokenSource? _either;
    private readonly CancellationToken _clientGone;

    private GatewayCall(HttpContext context, TimeProvider time, TimeSpan? timeout, string? token, CancellationToken clientGone)
    {
        _clientGone = clientGone;
        DateTimeOffset? deadline = null;
        if (timeout is { } limit)
        {
            deadline = time.GetUtcNow() + limit;
            _timer = new CancellationTokenSource(limit, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, _clientGone);
        }

        var headers = context.Request.Headers;
        Call = new EtcdCall
        {
            Token = token,
            RequiresLeader = headers[MetadataLeader] == "true",
            CertificateName = context.Connection.ClientCertificate is { } certificate ? CertificateFacts.CommonNameOf(certificate) : null,
            IsGateway = true,
            RemoteIp = context.Connection.RemoteIpAddress,
            Aborted = _either?.Token ?? _clientGone,
            Deadline = deadline,
        };
    }

    public EtcdCall Call { get; }

    /// <summary>The call was given up because its time is over, not because nobody waits for it any more.</summary>
    public bool IsOverdue => _timer is { IsCancellationRequested: true } && !_clientGone.IsCancellationRequested;

    /// <exception cref="EtcdFault">The timeout is none.</exception>
    public static GatewayCall Of(HttpContext context, TimeProvider time) =>
        new(context, time, TimeoutOf(context.Request.Headers), TokenOf(context.Request.Headers), context.RequestAborted);

    /// <summary>A socket has its own way to bring a token, and its own end.</summary>
    /// <exception cref="EtcdFault">The timeout is none.</exception>
    public static GatewayCall OfSocket(HttpContext context, TimeProvider time, string? token, CancellationToken clientGone) =>
        new(context, time, TimeoutOf(context.Request.Headers), token, clientGone);

    public void Dispose()
    {
        _either?.Dispose();
        _timer?.Dispose();
    }

    private static TimeSpan? TimeoutOf(IHeaderDictionary headers)
    {
        var text = headers[Timeout];
        if (text.Count == 0)
        {
            return null;
        }

        return GrpcTimeout.TryParse(text.ToString(), out var timeout)
            ? timeout
            : throw new EtcdFault(GrpcCode.InvalidArgument, $"invalid grpc-timeout: {text}");
    }

    private static string? TokenOf(IHeaderDictionary headers)
    {
        var token = headers.Authorization;
        if (token.Count == 0)
        {
            token = headers[MetadataToken];
        }

        if (token.Count == 0)
        {
            return null;
        }

        var text = token[0] ?? "";
        return text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? text[Bearer.Length..] : text;
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Grpc;

namespace RestKv.Api.Cli.Import;

/// <summary>gRPC to one member: an HTTP client and five bytes before each message.</summary>
internal sealed class GrpcChannel : IDisposable
{
    /// <summary>One value, or the deletes of one revision. More is not taken from anybody.</summary>
    public const int MessageBytesMax = 256 << 20;

    private const int WindowBytes = 4 << 20;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Not below what etcd puts up with from its clients.</summary>
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(20);

    private readonly HttpClient _client;

    public GrpcChannel(Uri address, ImportSide side)
    {
        Address = address;
        _client = new HttpClient(Handler(side)) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
    }

    public Uri Address { get; }

    /// <exception cref="CallFailure">There was no answer, or a refusal.</exception>
    public async Task<TReply> CallAsync<TReply>(
        string path, IMessage message, MessageParser<TReply> parser, string token, int bytesMax, CancellationToken cancellationToken)
        where TReply : IMessage<TReply>
    {
        using var content = new ByteArrayContent(Frame(message));
        using var request = Request(path, content, token);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            RequireCall(response);
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var reply = await ReadFrameAsync(body, bytesMax, cancellationToken);

            // The status comes behind the end.
            await body.CopyToAsync(Stream.Null, cancellationToken);
            RequireOk(response);
            return parser.ParseFrom(reply ?? throw new CallFailure(GrpcCode.Internal, $"{Address} ended {path} without an answer"));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            throw Unreachable(failure);
        }
    }

    /// <summary>Opens a call whose both sides stay open; there is an answer already when it is open.</summary>
    public async Task<OpenCall> OpenAsync(string path, IMessage first, string token, CancellationToken cancellationToken)
    {
        var content = new PushContent(Frame(first));
        var request = Request(path, content, token);
        request.Headers.TryAddWithoutValidation("hasleader", "true");
        HttpResponseMessage? response = null;
        try
        {
            response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            RequireCall(response);
            return new OpenCall(this, request, content, response, await response.Content.ReadAsStreamAsync(cancellationToken));
        }
        catch (Exception failure)
        {
            content.Finish();
            response?.Dispose();
            request.Dispose();
            throw failure is HttpRequestException or IOException ? Unreachable(failure) : failure;
        }
    }

    public static byte[] Frame(IMessage message)
    {
        var length = message.CalculateSize();
        var frame = new byte[GrpcFrame.HeadBytes + length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length);
        message.WriteTo(frame.AsSpan(GrpcFrame.HeadBytes));
        return frame;
    }

    public CallFailure Unreachable(Exception failure)
    {
        var text = failure.InnerException is { } inner ? $"{failure.Message} {inner.Message}" : failure.Message;
        return new CallFailure(GrpcCode.Unavailable, $"{Address}: {text}", failure);
    }

    /// <exception cref="CallFailure">The call ended with another status than OK.</exception>
    public static void RequireOk(HttpResponseMessage response)
    {
        var inHeaders = response.Headers.Contains("grpc-status");
        var headers = inHeaders ? response.Headers : response.TrailingHeaders;
        var code = First(headers, "grpc-status");
        if (!byte.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new CallFailure(GrpcCode.Unavailable, "the answer broke off");
        }

        if (number != (byte)GrpcCode.Ok)
        {
            throw new CallFailure((GrpcCode)number, Uri.UnescapeDataString(First(headers, "grpc-message")));
        }
    }

    public static int LengthOf(ReadOnlySpan<byte> head, int bytesMax)
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
        if (head[0] != 0)
        {
            throw new CallFailure(GrpcCode.Unimplemented, "the answer is compressed, which nobody asked for");
        }

        return length <= (uint)bytesMax
            ? (int)length
            : throw new CallFailure(GrpcCode.ResourceExhausted, $"an answer of {length} bytes is too large") { IsAnswerTooLarge = true };
    }

    public void Dispose() => _client.Dispose();

    private static async Task<byte[]?> ReadFrameAsync(Stream body, int bytesMax, CancellationToken cancellationToken)
    {
        var head = new byte[GrpcFrame.HeadBytes];
        if (await body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) < head.Length)
        {
            return null;
        }

        var message = new byte[LengthOf(head, bytesMax)];
        await body.ReadExactlyAsync(message, cancellationToken);
        return message;
    }

    private void RequireCall(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType?.StartsWith(
                "application/grpc", StringComparison.Ordinal) != true)
        {
            var code = response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
                ? GrpcCode.Unavailable
                : GrpcCode.Unimplemented;
            throw new CallFailure(code, $"{Address} answered {(int)response.StatusCode}, which is not how etcd's API answers");
        }

        if (response.Headers.Contains("grpc-status"))
        {
            RequireOk(response);
        }
    }

    private static string First(HttpHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.FirstOrDefault("") : "";

    private static HttpRequestMessage Request(string path, HttpContent content, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TE.ParseAdd("trailers");
        content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        if (token.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("token", token);
        }

        return request;
    }

    private static SocketsHttpHandler Handler(ImportSide side)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = ConnectTimeout,
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingDelay,
            InitialHttp2StreamWindowSize = WindowBytes,
        };
        if (side.CertFile.Length > 0)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(side.CertFile, side.KeyFile), null, offline: true);
        }

        if (side.TrustedCaFile.Length > 0)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.ImportFromPemFile(side.TrustedCaFile);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return handler;
    }
}

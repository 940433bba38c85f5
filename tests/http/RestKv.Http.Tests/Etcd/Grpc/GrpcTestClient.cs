using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>gRPC with nothing but an HTTP client, so that calls can be made wrong.</summary>
internal sealed class GrpcTestClient : IDisposable
{
    private readonly HttpClient _client;

    public GrpcTestClient(Uri address)
        : this(new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Eventually.Deadline,
        })
    {
    }

    /// <param name="client">Owned from here on; must speak HTTP/2.</param>
    public GrpcTestClient(HttpClient client) => _client = client;

    public HttpClient Http => _client;

    /// <summary>A message as it is on the wire.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> message, byte flag = 0)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame.AsSpan(5));
        return frame;
    }

    public static byte[] Frame(IMessage message) => Frame(message.ToByteArray());

    public static byte[] Frame(string text) => Frame(new StringValue { Value = text });

    public Task<GrpcAnswer> CallAsync(string method, string text, params (string Name, string Value)[] headers) =>
        SendAsync($"/{GrpcTestServer.Service}/{method}", Frame(text), headers);

    public Task<GrpcAnswer> SendAsync(string path, byte[] body, params (string Name, string Value)[] headers) =>
        SendAsync(path, new ByteArrayContent(body), CancellationToken.None, headers);

    public async Task<GrpcAnswer> SendAsync(
        string path, HttpContent content, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using var request = Request(path, content, headers);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return Read(response, bytes);
    }

    /// <summary>Opens a call of a test method and leaves both of its sides open.</summary>
    public GrpcTestStream Open(string method) => OpenPath($"/{GrpcTestServer.Service}/{method}");

    public GrpcTestStream OpenPath(string path)
    {
        var content = new OpenContent();
        var request = Request(path, content, []);
        return new GrpcTestStream(_client, request, content);
    }

    public void Dispose() => _client.Dispose();

    internal static GrpcAnswer Read(HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        var messages = new List<byte[]>();
        while (body.Length > 0)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(body[1..]);
            messages.Add(body.Slice(5, length).ToArray());
            body = body[(5 + length)..];
        }

        var inHeaders = response.Headers.TryGetValues("grpc-status", out var status);
        if (!inHeaders)
        {
            response.TrailingHeaders.TryGetValues("grpc-status", out status);
        }

        IEnumerable<string>? text = null;
        _ = inHeaders
            ? response.Headers.TryGetValues("grpc-message", out text)
            : response.TrailingHeaders.TryGetValues("grpc-message", out text);
        return new GrpcAnswer(
            response.StatusCode,
            status is null ? -1 : int.Parse(status.Single(), CultureInfo.InvariantCulture),
            text is null ? "" : Uri.UnescapeDataString(text.Single()),
            messages,
            inHeaders,
            response.Headers.TryGetValues("grpc-accept-encoding", out var accepted) ? accepted.Single() : null);
    }

    private static HttpRequestMessage Request(string path, HttpContent content, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TE.ParseAdd("trailers");
        content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type")
            {
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }
}

using System.Buffers.Binary;
using Google.Protobuf.WellKnownTypes;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>An open call of <see cref="GrpcTestClient"/>.</summary>
internal sealed class GrpcTestStream : IAsyncDisposable
{
    private readonly HttpRequestMessage _request;
    private readonly OpenContent _content;
    private readonly CancellationTokenSource _cancel = new(Eventually.Deadline);
    private readonly Task<HttpResponseMessage> _response;
    private Stream? _body;

    public GrpcTestStream(HttpClient client, HttpRequestMessage request, OpenContent content)
    {
        (_request, _content) = (request, content);
        _response = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _cancel.Token);
    }

    public Task SendAsync(string text) => _content.WriteAsync(GrpcTestClient.Frame(text));

    public Task SendRawAsync(byte[] bytes) => _content.WriteAsync(bytes);

    /// <summary>Ends our side.</summary>
    public void Finish() => _content.Finish();

    /// <summary>Resets the stream.</summary>
    public async Task CancelAsync()
    {
        await _cancel.CancelAsync();
        await CloseAsync();
    }

    /// <summary>The next text; null at the end.</summary>
    public async Task<string?> NextAsync() =>
        await NextBytesAsync() is { } message ? StringValue.Parser.ParseFrom(message).Value : null;

    /// <summary>The next message; null at the end.</summary>
    public async Task<byte[]?> NextBytesAsync()
    {
        _body ??= await (await _response).Content.ReadAsStreamAsync(_cancel.Token);
        var head = new byte[5];
        var read = await _body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, _cancel.Token);
        if (read < head.Length)
        {
            return null;
        }

        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
        await _body.ReadExactlyAsync(message, _cancel.Token);
        return message;
    }

    /// <summary>Reads to the end and returns the status.</summary>
    public async Task<GrpcAnswer> EndAsync()
    {
        while (await NextBytesAsync() is not null)
        {
        }

        return GrpcTestClient.Read(await _response, []);
    }

    public async ValueTask DisposeAsync()
    {
        await CancelAsync();
        _content.Finish();
        _request.Dispose();
        _cancel.Dispose();
    }

    // Once there is a response, it is what has to be given up.
    private async Task CloseAsync()
    {
        try
        {
            (await _response).Dispose();
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException)
        {
            // Cancelled just now, or refused: the test has seen what it wanted.
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Grpc;
using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Cli.Import;

/// <summary>
/// A watch stream. One task reads it and one writes to it. What has come already can be taken without waiting, so that a reader who
/// is behind takes much at once; what has not waits in the windows of HTTP/2 and at the source.
/// </summary>
internal sealed class OpenCall : IAsyncDisposable
{
    private const int BufferBytes = 256 << 10;

    private readonly GrpcChannel _channel;
    private readonly HttpRequestMessage _request;
    private readonly PushContent _content;
    private readonly HttpResponseMessage _response;
    private readonly PipeReader _reader;
    private ReadOnlySequence<byte> _buffer;
    private bool _holdsBuffer;
    private bool _isCompleted;

    /// <param name="body">Of the response; closed with the call.</param>
    public OpenCall(
        GrpcChannel channel, HttpRequestMessage request, PushContent content, HttpResponseMessage response, Stream body)
    {
        (_channel, _request, _content, _response) = (channel, request, content, response);
        _reader = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: BufferBytes));
    }

    /// <exception cref="CallFailure">The call is over.</exception>
    public async Task SendAsync(WatchRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await _content.WriteAsync(GrpcChannel.Frame(request), cancellationToken);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or ObjectDisposedException)
        {
            throw _channel.Unreachable(failure);
        }
    }

    /// <summary>The next message that is here already.</summary>
    public bool TryRead(out WatchResponse response)
    {
        response = new WatchResponse();
        if (!_holdsBuffer || _buffer.Length < GrpcFrame.HeadBytes)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[GrpcFrame.HeadBytes];
        _buffer.Slice(0, GrpcFrame.HeadBytes).CopyTo(head);
        var length = GrpcChannel.LengthOf(head, GrpcChannel.MessageBytesMax);
        if (_buffer.Length < GrpcFrame.HeadBytes + length)
        {
            return false;
        }

        response.MergeFrom(_buffer.Slice(GrpcFrame.HeadBytes, length));
        _buffer = _buffer.Slice(GrpcFrame.HeadBytes + length);
        return true;
    }

    /// <exception cref="CallFailure">The call is over.</exception>
    public async ValueTask<WatchResponse> ReadAsync(CancellationToken cancellationToken)
    {
        WatchResponse response;
        while (!TryRead(out response))
        {
            if (_isCompleted)
            {
                GrpcChannel.RequireOk(_response);
                throw new CallFailure(GrpcCode.Unavailable, $"{_channel.Address} ended the watch");
            }

            if (_holdsBuffer)
            {
                _holdsBuffer = false;
                _reader.AdvanceTo(_buffer.Start, _buffer.End);
            }

            try
            {
                var read = await _reader.ReadAsync(cancellationToken);
                (_buffer, _holdsBuffer, _isCompleted) = (read.Buffer, true, read.IsCompleted);
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException)
            {
                throw _channel.Unreachable(failure);
            }
        }

        return response;
    }

    public async ValueTask DisposeAsync()
    {
        // The response first: it is what resets the stream.
        await _reader.CompleteAsync();
        _response.Dispose();
        _content.Finish();
        _request.Dispose();
    }
}

using System.IO.Pipelines;
using System.Net.WebSockets;
using Google.Protobuf;
using RestKv.Api.Etcd.Json;
using RestKv.Api.Http;

namespace RestKv.Api.Etcd.Http;

/// <summary>
/// The messages of a stream over a WebSocket: each that comes in has one request, or several, and each answer is one. One thread
/// sends, another receives.
/// </summary>
internal sealed class SocketMessages(WebSocket socket) : IEtcdReplies
{
    private const int BytesReadAhead = 64 << 10;

    private readonly Pipe _incoming = new(new PipeOptions(
        pauseWriterThreshold: BytesReadAhead, resumeWriterThreshold: BytesReadAhead / 2, useSynchronizationContext: false));

    private JsonDocumentEnd _end;
    private bool _isInside;

    /// <summary>What the client sends, for one reader. It ends behind a message that ends inside of a request.</summary>
    public PipeReader Requests => _incoming.Reader;

    /// <summary>Takes what comes until the client closes or breaks off, or nobody reads it any more.</summary>
    /// <param name="cancellationToken">Ends the wait for the reader. Receiving itself is never cancelled: that would break the socket.</param>
    public async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var memory = _incoming.Writer.GetMemory();
                var received = await socket.ReceiveAsync(memory, CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                if (!await TakeAsync(memory[..received.Count], received.EndOfMessage, cancellationToken))
                {
                    // Of what comes now only the end matters.
                    await _incoming.Writer.CompleteAsync();
                    await DrainAsync();
                    return;
                }
            }
        }
        catch (Exception broken) when (broken is WebSocketException or OperationCanceledException)
        {
            // As good as closed.
        }
        finally
        {
            await _incoming.Writer.CompleteAsync();
        }
    }

    public async ValueTask SendAsync(IMessage reply, CancellationToken cancellationToken)
    {
        using var text = JsonReply.Rent();
        text.Writer.WriteStartObject();
        text.Writer.WritePropertyName("result"u8);
        MessageJson.Write(text.Writer, reply);
        text.Writer.WriteEndObject();
        await SendAsync(text, cancellationToken);
    }

    /// <summary>The last message.</summary>
    public async ValueTask FailAsync(EtcdFault fault, CancellationToken cancellationToken)
    {
        using var text = JsonReply.Rent();
        GatewayErrors.WriteLine(text.Writer, fault);
        await SendAsync(text, cancellationToken);
    }

    /// <summary>False when nothing more is to be read.</summary>
    private async ValueTask<bool> TakeAsync(ReadOnlyMemory<byte> bytes, bool isEnd, CancellationToken cancellationToken)
    {
        Follow(bytes.Span);
        _incoming.Writer.Advance(bytes.Length);
        var flushed = await _incoming.Writer.FlushAsync(cancellationToken);
        return !flushed.IsCompleted && !(isEnd && _isInside);
    }

    /// <summary>Keeps track of whether the bytes so far end inside of a request.</summary>
    private void Follow(ReadOnlySpan<byte> bytes)
    {
        for (var found = _end.Find(bytes); found >= 0; found = _end.Find(bytes))
        {
            bytes = bytes[found..];
            _end = default;
            _isInside = false;
        }

        _isInside |= !bytes.Trim(" \t\r\n"u8).IsEmpty;
    }

    private async ValueTask DrainAsync()
    {
        var unread = new byte[1_024];
        while ((await socket.ReceiveAsync(unread.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
        {
        }
    }

    private async ValueTask SendAsync(JsonReply text, CancellationToken cancellationToken)
    {
        try
        {
            await socket.SendAsync(text.Finish(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        catch (WebSocketException broken)
        {
            throw new OperationCanceledException("the client broke off", broken);
        }
    }
}

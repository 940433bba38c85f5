using System.IO.Pipelines;
using System.Net.WebSockets;
using Google.Protobuf;
using RestKv.Api.Etcd.Json;
using RestKv.Api.Http;

namespace RestKv.Api.Etcd.Http;

/// <summary>
/// The messages of a stream over a WebSocket. Frames that come in are one long body, as they are for etcd; each answer is a text
/// frame. One sends, another receives.
/// </summary>
internal sealed class SocketMessages(WebSocket socket) : IEtcdReplies
{
    private const int BytesReadAhead = 64 << 10;

    private readonly Pipe _incoming = new(new PipeOptions(
        pauseWriterThreshold: BytesReadAhead, resumeWriterThreshold: BytesReadAhead / 2, useSynchronizationContext: false));

    /// <summary>What the client sends, for one reader.</summary>
    public PipeReader Requests => _incoming.Reader;

    /// <summary>Takes what comes until the client closes or breaks off, or nobody reads it any more.</summary>
    /// <param name="cancellationToken">Ends the wait for the reader. Receiving itself is never cancelled: that would break the socket.</param>
    public async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var isOpen = true;
            while (isOpen)
            {
                var received = await socket.ReceiveAsync(_incoming.Writer.GetMemory(), CancellationToken.None);
                _incoming.Writer.Advance(received.Count);
                isOpen = received.MessageType != WebSocketMessageType.Close
                    && !(await _incoming.Writer.FlushAsync(cancellationToken)).IsCompleted;
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

using System.Net;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>
/// The body of an outgoing stream: the hello, then whatever waits in the outbox, for as long as the connection lives. All that
/// waits goes in one write, which is what makes small messages cheap: while one is under way, the next ones gather.
/// </summary>
internal sealed class PeerStreamContent(byte[] hello, PeerOutbox outbox, PeerCounters counters, Action<Message> onTooLarge) : HttpContent
{
    /// <summary>One write holds this much, or one message: what comes behind it waits no longer than that.</summary>
    private const int BytesPerWrite = 256 << 10;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when nothing more will be written, for whatever reason; never faulted.</summary>
    public Task Ended => _ended.Task;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(stream, cancellationToken);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        var frames = new PeerFrameWriter();
        var messages = new List<Message>();
        frames.Add(hello);
        await SendAsync(stream, frames, 0, cancellationToken);
        while (true)
        {
            outbox.Take(BytesPerWrite, messages);
            if (messages.Count == 0)
            {
                await outbox.WaitAsync(cancellationToken);
                continue;
            }

            foreach (var message in messages)
            {
                if (!frames.TryAdd(message))
                {
                    onTooLarge(message);
                }
            }

            await SendAsync(stream, frames, messages.Count, cancellationToken);
            messages.Clear();
        }
    }

    private async Task SendAsync(Stream stream, PeerFrameWriter frames, int messages, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(frames.Written, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        counters.Sent(messages, frames.Written.Length);
        frames.Clear();
    }
}

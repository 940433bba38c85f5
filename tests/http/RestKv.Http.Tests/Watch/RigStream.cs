using System.IO.Pipelines;
using System.Text;
using RestKv.Api.Watch;
using RestKv.Testing;

namespace RestKv.Http.Tests.Watch;

/// <summary>One stream and the reader at its other end, who decides when to read.</summary>
internal sealed class RigStream(int bufferBytes)
{
    private readonly Pipe _pipe = new(new PipeOptions(
        pauseWriterThreshold: bufferBytes, resumeWriterThreshold: Math.Max(bufferBytes / 2, 1), useSynchronizationContext: false));

    private readonly StringBuilder _text = new();

    /// <summary>A stream is aborted on the thread that writes it, while the test may be about to read.</summary>
    private readonly Lock _reading = new();

    public PipeWriter Output => _pipe.Writer;

    public WatchStream Stream { get; set; } = null!;

    public bool IsAborted { get; private set; }

    /// <summary>
    /// What a server does with the connection: whoever writes is told that nobody reads any more, and nothing is thrown at it.
    /// </summary>
    public void Abort()
    {
        lock (_reading)
        {
            IsAborted = true;
            _pipe.Reader.Complete();
        }
    }

    /// <summary>The buffer is full: whoever writes has to wait. Only before the first read.</summary>
    public bool IsFull
    {
        get
        {
            if (!_pipe.Reader.TryRead(out var result))
            {
                return false;
            }

            _pipe.Reader.AdvanceTo(result.Buffer.Start);
            return result.Buffer.Length >= bufferBytes;
        }
    }

    /// <summary>Everything read so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Reads until the text has come, and gives everything up to its end.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        while (!Text.Contains(text, StringComparison.Ordinal))
        {
            await ReadSomeAsync(deadline.Token);
        }

        return Text;
    }

    /// <summary>Reads what is left until the stream ends.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        while (!Stream.Ended.IsCompleted)
        {
            _ = await TryReadAsync();
            await Task.Yield();
            deadline.Token.ThrowIfCancellationRequested();
        }

        while (await TryReadAsync())
        {
        }

        return Text;
    }

    public async Task ReadSomeAsync(CancellationToken cancellationToken)
    {
        var result = await _pipe.Reader.ReadAsync(cancellationToken);
        Take(result);
    }

    /// <summary>The events so far, in order: name, data and id.</summary>
    public IReadOnlyList<RigEvent> Events()
    {
        var bytes = new MemoryStream(Encoding.UTF8.GetBytes(Text));
        var parser = System.Net.ServerSentEvents.SseParser.Create(bytes);
        var events = new List<RigEvent>();
        foreach (var item in parser.Enumerate())
        {
            events.Add(new RigEvent(item.EventType, item.Data, item.EventId));
        }

        return events;
    }

    private Task<bool> TryReadAsync()
    {
        lock (_reading)
        {
            if (IsAborted || !_pipe.Reader.TryRead(out var result))
            {
                return Task.FromResult(false);
            }

            var isRead = !result.Buffer.IsEmpty;
            Take(result);
            return Task.FromResult(isRead);
        }
    }

    private void Take(ReadResult result)
    {
        foreach (var segment in result.Buffer)
        {
            _text.Append(Encoding.UTF8.GetString(segment.Span));
        }

        _pipe.Reader.AdvanceTo(result.Buffer.End);
    }
}

/// <param name="Id">Null when the event had none of its own.</param>
internal sealed record RigEvent(string Name, string Data, string? Id);

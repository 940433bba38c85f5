using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RestKv.Api.Http;

/// <summary>
/// A JSON answer in the making: a growing buffer and a writer over it, rented for one request and given back. Documents
/// go out in one write with their length; streams of lines leave piece by piece through <see cref="SpillAsync"/>.
/// Owned by one request at a time.
/// </summary>
internal sealed class JsonReply : IDisposable
{
    /// <summary>A stream is sent on when this much has gathered.</summary>
    public const int SpillBytes = 64 * 1024;

    private const int KeptPerThreadMax = 4;

    [ThreadStatic]
    private static Stack<JsonReply>? kept;

    private readonly PooledBuffer _buffer = new();
    private readonly Utf8JsonWriter _compact;
    private Utf8JsonWriter? _pretty;
    private bool _isPretty;

    private JsonReply() => _compact = new Utf8JsonWriter(_buffer, Options(indented: false));

    /// <summary>The writer. Its output is complete after <see cref="Utf8JsonWriter.Flush"/>.</summary>
    public Utf8JsonWriter Writer => _isPretty ? _pretty! : _compact;

    /// <summary>Bytes not yet sent, including what the writer still holds.</summary>
    public long PendingBytes => _buffer.WrittenCount + Writer.BytesPending;

    public static JsonReply Rent(bool pretty = false)
    {
        var reply = kept is { Count: > 0 } stack ? stack.Pop() : new JsonReply();
        reply._isPretty = pretty;
        if (pretty && reply._pretty is null)
        {
            reply._pretty = new Utf8JsonWriter(reply._buffer, Options(indented: true));
        }

        return reply;
    }

    /// <summary>Ends a document; people get a line end, programs get nothing they did not ask for.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        Writer.Flush();
        if (_isPretty)
        {
            _buffer.Write("\n"u8);
        }

        return _buffer.WrittenMemory;
    }

    /// <summary>Ends one line of NDJSON and makes the writer ready for the next.</summary>
    public void EndLine()
    {
        _compact.Flush();
        _buffer.Write("\n"u8);
        _compact.Reset();
    }

    /// <summary>Sends what has gathered, when it is much or when told to. Waits while the client reads slowly.</summary>
    public async ValueTask SpillAsync(HttpResponse response, bool always, CancellationToken cancellationToken)
    {
        if (!always && PendingBytes < SpillBytes)
        {
            return;
        }

        Complete();
        if (_buffer.WrittenCount > 0)
        {
            await response.BodyWriter.WriteAsync(_buffer.WrittenMemory, cancellationToken);
            _buffer.Clear();
        }
    }

    // The writer writes to memory: nothing here waits for anything.
    private void Complete() => Writer.Flush();

    public void Dispose()
    {
        _compact.Reset();
        _pretty?.Reset();
        _buffer.Release();
        kept ??= new Stack<JsonReply>(KeptPerThreadMax);
        if (kept.Count < KeptPerThreadMax)
        {
            kept.Push(this);
        }
        else
        {
            _buffer.Abandon();
        }
    }

    // Relaxed escaping keeps values readable in a terminal; every answer says nosniff, so no browser takes it for HTML.
    private static JsonWriterOptions Options(bool indented) => new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = indented,
        SkipValidation = true,
    };
}

using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using RestKv.Api.Contracts;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Watch;

namespace RestKv.Api.Watch;

/// <summary>
/// The data of events: one JSON object on one line. An event is encoded once for all streams with the same options and the
/// bytes are kept with it. Owned by one lane, whose buffers it uses again.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A writer over our own buffer holds nothing that must be freed.")]
internal sealed class WatchEventJson
{
    private const int BufferInitial = 1024;
    private const int BufferKept = 256 << 10;

    // Values stay readable in a terminal; control characters, line ends among them, are escaped all the same.
    private static readonly JsonWriterOptions Compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly Utf8JsonWriter _writer;
    private ArrayBufferWriter<byte> _buffer = new(BufferInitial);

    public WatchEventJson() => _writer = new Utf8JsonWriter(_buffer, Compact);

    /// <summary>The bytes of an event; shared, never changed.</summary>
    public byte[] Encode(WatchEvent item, ValueForm values, bool previous)
    {
        var number = (int)values + (previous ? 4 : 0);
        if (item.Encoding(number) is { } known)
        {
            return known;
        }

        WriteEvent(item.Change, values, previous);
        var bytes = _buffer.WrittenSpan.ToArray();
        item.Keep(number, bytes);
        return bytes;
    }

    /// <summary>The bytes of a key of a snapshot, valid until the next call.</summary>
    public ReadOnlySpan<byte> EncodeSnapshot(in KeyValue item, ValueForm values)
    {
        Begin();
        EntryWriter.WriteMembers(_writer, item, values);
        _writer.WriteBoolean("snapshot"u8, true);
        return End();
    }

    /// <summary>The bytes of any other frame, valid until the next call.</summary>
    public ReadOnlySpan<byte> EncodeFacts<T>(T facts, Action<Utf8JsonWriter, T> write)
    {
        Begin();
        write(_writer, facts);
        return End();
    }

    private void WriteEvent(in Change change, ValueForm values, bool previous)
    {
        Begin();
        if (change.IsDelete)
        {
            EntryWriter.WriteKey(_writer, change.KeyValue.Key.Span);
            _writer.WriteNumber("modRev"u8, change.KeyValue.ModRevision);
            _writer.WriteString("cause"u8, ChangeWriter.CauseOf(change.Cause));
            EntryWriter.WriteProvenance(_writer, change.KeyValue);
        }
        else
        {
            EntryWriter.WriteMembers(_writer, change.KeyValue, values);
        }

        if (previous && change.Previous is { } before)
        {
            _writer.WritePropertyName("prev"u8);
            EntryWriter.WriteEntry(_writer, before, values);
        }

        End();
    }

    private void Begin()
    {
        if (_buffer.Capacity > BufferKept)
        {
            _buffer = new ArrayBufferWriter<byte>(BufferInitial);
            _writer.Reset(_buffer);
        }
        else
        {
            _buffer.ResetWrittenCount();
            _writer.Reset();
        }

        _writer.WriteStartObject();
    }

    private ReadOnlySpan<byte> End()
    {
        _writer.WriteEndObject();
        _writer.Flush();
        return _buffer.WrittenSpan;
    }
}

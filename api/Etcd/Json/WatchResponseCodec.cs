using System.Text.Json;
using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Json;

/// <summary>Names in the answers of watches, encoded once.</summary>
internal static class WatchNames
{
    public static readonly JsonEncodedText WatchId = JsonEncodedText.Encode("watch_id");
    public static readonly JsonEncodedText Created = JsonEncodedText.Encode("created");
    public static readonly JsonEncodedText Canceled = JsonEncodedText.Encode("canceled");
    public static readonly JsonEncodedText CompactRevision = JsonEncodedText.Encode("compact_revision");
    public static readonly JsonEncodedText CancelReason = JsonEncodedText.Encode("cancel_reason");
    public static readonly JsonEncodedText Fragment = JsonEncodedText.Encode("fragment");
    public static readonly JsonEncodedText Events = JsonEncodedText.Encode("events");
    public static readonly JsonEncodedText Type = JsonEncodedText.Encode("type");
    public static readonly JsonEncodedText Delete = JsonEncodedText.Encode("DELETE");
    public static readonly JsonEncodedText Kv = JsonEncodedText.Encode("kv");
}

/// <summary>Answers of watches, written by hand: they are the most frequent messages of all.</summary>
internal sealed class WatchResponseCodec : DescribedCodec<WatchResponse>
{
    protected override void WriteFields(Utf8JsonWriter writer, WatchResponse message)
    {
        KvResponseCodecs.WriteHeader(writer, message.Header);
        JsonValues.WriteInt64Unless0(writer, WatchNames.WatchId, message.WatchId);
        WriteFlag(writer, WatchNames.Created, message.Created);
        WriteFlag(writer, WatchNames.Canceled, message.Canceled);
        JsonValues.WriteInt64Unless0(writer, WatchNames.CompactRevision, message.CompactRevision);
        if (message.CancelReason.Length > 0)
        {
            writer.WriteString(WatchNames.CancelReason, message.CancelReason);
        }

        WriteFlag(writer, WatchNames.Fragment, message.Fragment);
        if (message.Events.Count > 0)
        {
            var codec = MessageCodecs.Of<Event>();
            writer.WriteStartArray(WatchNames.Events);
            foreach (var one in message.Events)
            {
                codec.WriteMessage(writer, one);
            }

            writer.WriteEndArray();
        }
    }

    private static void WriteFlag(Utf8JsonWriter writer, JsonEncodedText name, bool value)
    {
        if (value)
        {
            writer.WriteBoolean(name, true);
        }
    }
}

/// <summary>One change in an answer of a watch.</summary>
internal sealed class EventCodec : DescribedCodec<Event>
{
    protected override void WriteFields(Utf8JsonWriter writer, Event message)
    {
        if (message.Type == Event.Types.EventType.Delete)
        {
            writer.WriteString(WatchNames.Type, WatchNames.Delete);
        }

        WritePair(writer, WatchNames.Kv, message.Kv);
        WritePair(writer, KvResponseCodecs.PrevKv, message.PrevKv);
    }

    private static void WritePair(Utf8JsonWriter writer, JsonEncodedText name, KeyValue? pair)
    {
        if (pair is not null)
        {
            writer.WritePropertyName(name);
            MessageCodecs.Of<KeyValue>().WriteMessage(writer, pair);
        }
    }
}

using System.Text.Json;
using System.Text.Unicode;
using RestKv.Api.Http;
using RestKv.Core.Model;

namespace RestKv.Api.Contracts;

/// <summary>Writes entries as every part of the API shows them (see <see cref="Entry"/>).</summary>
internal static class EntryWriter
{
    private const int EmbeddedDepthMax = HttpLimits.JsonDepthMax;

    public static void WriteEntry(Utf8JsonWriter writer, in KeyValue entry, ValueForm form, long ttlSeconds = -1)
    {
        writer.WriteStartObject();
        WriteMembers(writer, entry, form, ttlSeconds);
        writer.WriteEndObject();
    }

    /// <summary>The members without the braces, for objects that carry more.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, in KeyValue entry, ValueForm form, long ttlSeconds = -1)
    {
        WriteKey(writer, entry.Key.Span);
        WriteValue(writer, entry.Value.Span, form);
        writer.WriteNumber("modRev"u8, entry.ModRevision);
        writer.WriteNumber("createRev"u8, entry.CreateRevision);
        writer.WriteNumber("version"u8, entry.Version);
        WriteProvenance(writer, entry);
        if (!entry.Lease.IsNone)
        {
            writer.WriteString("lease"u8, entry.Lease.ToString());
            if (ttlSeconds >= 0)
            {
                writer.WriteNumber("ttl"u8, ttlSeconds);
            }
        }
    }

    /// <summary>When and by whom.</summary>
    public static void WriteProvenance(Utf8JsonWriter writer, in KeyValue entry)
    {
        writer.WriteString("modAt"u8, Text.Timestamp(entry.ModifiedAtMs));
        if (entry.Author.Length > 0)
        {
            writer.WriteString("modBy"u8, entry.Author);
        }
    }

    public static void WriteKey(Utf8JsonWriter writer, ReadOnlySpan<byte> key)
    {
        if (Utf8.IsValid(key))
        {
            writer.WriteString("key"u8, key);
        }
        else
        {
            writer.WriteBase64String("keyBase64"u8, key);
        }
    }

    public static void WriteValue(Utf8JsonWriter writer, ReadOnlySpan<byte> value, ValueForm form)
    {
        if (form == ValueForm.None)
        {
            return;
        }

        if (form == ValueForm.Json && IsJson(value))
        {
            writer.WritePropertyName("json"u8);
            WriteEmbedded(writer, value);
        }
        else if (form != ValueForm.Base64 && Utf8.IsValid(value))
        {
            writer.WriteString("value"u8, value);
        }
        else
        {
            writer.WriteBase64String("base64"u8, value);
        }
    }

    // A stored document may have line breaks, which would cut a line of NDJSON or an event in two.
    private static void WriteEmbedded(Utf8JsonWriter writer, ReadOnlySpan<byte> value)
    {
        if (!value.ContainsAny((byte)'\n', (byte)'\r'))
        {
            writer.WriteRawValue(value, skipInputValidation: true);
            return;
        }

        var reader = new Utf8JsonReader(value);
        using var document = JsonDocument.ParseValue(ref reader);
        document.RootElement.WriteTo(writer);
    }

    /// <summary>One JSON document and nothing else, not nested beyond what readers of ours take.</summary>
    private static bool IsJson(ReadOnlySpan<byte> value)
    {
        if (!Utf8.IsValid(value))
        {
            return false;
        }

        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = EmbeddedDepthMax });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            // The reader has no other way to say no; the value is then shown as text.
            return false;
        }
    }
}

using System.Text.Json;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Contracts;

/// <summary>Names and members of changes, for lists of them.</summary>
internal static class ChangeWriter
{
    /// <summary>`type` first, then the entry or what is left of it.</summary>
    public static void WriteChange(Utf8JsonWriter writer, in Change change, ValueForm form)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, change.IsDelete ? "delete"u8 : "put"u8);
        if (change.IsDelete)
        {
            EntryWriter.WriteKey(writer, change.KeyValue.Key.Span);
            writer.WriteNumber("modRev"u8, change.KeyValue.ModRevision);
            writer.WriteString("cause"u8, CauseOf(change.Cause));
            EntryWriter.WriteProvenance(writer, change.KeyValue);
        }
        else
        {
            EntryWriter.WriteMembers(writer, change.KeyValue, form);
        }

        writer.WriteEndObject();
    }

    /// <summary>A line of a key's history: the key is known, so what matters is when, by whom and what.</summary>
    public static void WriteVersion(Utf8JsonWriter writer, in Change change, ValueForm form)
    {
        var entry = change.KeyValue;
        writer.WriteStartObject();
        if (change.IsDelete)
        {
            writer.WriteBoolean("deleted"u8, true);
            writer.WriteString("cause"u8, CauseOf(change.Cause));
            writer.WriteNumber("modRev"u8, entry.ModRevision);
            EntryWriter.WriteProvenance(writer, entry);
        }
        else
        {
            EntryWriter.WriteValue(writer, entry.Value.Span, form);
            writer.WriteNumber("modRev"u8, entry.ModRevision);
            writer.WriteNumber("createRev"u8, entry.CreateRevision);
            writer.WriteNumber("version"u8, entry.Version);
            EntryWriter.WriteProvenance(writer, entry);
            if (!entry.Lease.IsNone)
            {
                writer.WriteString("lease"u8, entry.Lease.ToString());
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>The name of a cause, the same everywhere.</summary>
    public static ReadOnlySpan<byte> CauseOf(DeleteCause cause) => cause switch
    {
        DeleteCause.Expire => "expire"u8,
        DeleteCause.Revoke => "revoke"u8,
        DeleteCause.Txn => "txn"u8,
        _ => "delete"u8,
    };
}

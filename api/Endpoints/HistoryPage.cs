using System.Text.Json;
using RestKv.Api.Contracts;
using RestKv.Api.Http;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Endpoints;

/// <summary>One page of a key's versions, newest first.</summary>
internal static class HistoryPage
{
    /// <summary>False when nothing is retained.</summary>
    /// <param name="revision">Start at or below this; 0 means now.</param>
    public static bool TryWrite(Utf8JsonWriter writer, ReadView view, byte[] key, long revision, int limit, ValueForm form)
    {
        var cursor = view.History(key, revision > 0 ? revision : view.Revision);
        if (!cursor.MoveNext())
        {
            return false;
        }

        writer.WriteStartObject();
        writer.WriteNumber("rev"u8, view.Revision);
        writer.WriteNumber("compactedRev"u8, view.CompactedRevision);
        EntryWriter.WriteKey(writer, key);
        writer.WriteStartArray("versions"u8);
        var items = 0;
        var bytes = 0L;
        var next = 0L;
        do
        {
            var version = cursor.Current;
            if (items == limit || bytes >= HttpLimits.PageBytesMax)
            {
                next = version.KeyValue.ModRevision;
                break;
            }

            items++;
            bytes += version.KeyValue.Value.Length;
            ChangeWriter.WriteVersion(writer, version, form);
        }
        while (cursor.MoveNext());

        writer.WriteEndArray();
        if (next > 0)
        {
            writer.WriteBoolean("more"u8, true);
            writer.WriteNumber("nextRev"u8, next);
        }

        writer.WriteEndObject();
        return true;
    }
}

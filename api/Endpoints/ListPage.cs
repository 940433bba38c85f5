using System.Text.Json;
using System.Text.Unicode;
using RestKv.Api.Contracts;
using RestKv.Api.Http;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Endpoints;

/// <summary>
/// Writes one page of a listing while it walks: items as they come, groups gathered for the end. Owned by one request.
/// </summary>
internal sealed class ListPage(ListRequest request, long revision, ulong clusterId)
{
    private readonly List<ReadOnlyMemory<byte>> _groups = [];
    private int _items;
    private long _bytes;
    private ReadOnlyMemory<byte> _position;
    private bool _positionIsGroup;

    /// <summary>The cursor of the next page, or null when this is the last.</summary>
    public string? Next { get; private set; }

    private int Limit => request.Limit > 0 ? request.Limit : HttpLimits.PageItemsDefault;

    private bool IsFull => _items + _groups.Count >= Limit || _bytes >= HttpLimits.PageBytesMax;

    /// <summary>Leases of the entries that the page will hold, so that their time left can be asked for at once.</summary>
    public static List<LeaseId> LeasesOf(ReadView view, long revision, ListRequest request)
    {
        var leases = new HashSet<LeaseId>();
        var walk = new RangeWalk(view, revision, request, request.Cursor);
        var limit = request.Limit > 0 ? request.Limit : HttpLimits.PageItemsDefault;
        for (var items = 0; items < limit && walk.MoveNext(); items++)
        {
            if (!walk.IsGroup && !walk.Current.Lease.IsNone)
            {
                leases.Add(walk.Current.Lease);
            }
        }

        return [.. leases];
    }

    public void WriteWalk(Utf8JsonWriter writer, ReadView view, Dictionary<LeaseId, long> ttlSeconds)
    {
        WriteStart(writer);
        var walk = new RangeWalk(view, revision, request, request.Cursor);
        while (walk.MoveNext())
        {
            if (IsFull)
            {
                Next = request.CursorAfter(revision, clusterId, _positionIsGroup, _position.Span);
                break;
            }

            (_position, _positionIsGroup) = (walk.Position, walk.IsGroup);
            if (walk.IsGroup)
            {
                _groups.Add(walk.Group);
                _bytes += walk.Group.Length;
            }
            else
            {
                WriteItem(writer, walk.Current, ttlSeconds);
            }
        }

        WriteEnd(writer);
    }

    public void WriteSorted(Utf8JsonWriter writer, List<KeyValue> entries, Dictionary<LeaseId, long> ttlSeconds)
    {
        WriteStart(writer);
        foreach (var entry in entries)
        {
            if (IsFull)
            {
                Next = request.CursorAfter(revision, clusterId, isGroup: false, _position.Span);
                break;
            }

            _position = entry.Key;
            WriteItem(writer, entry, ttlSeconds);
        }

        WriteEnd(writer);
    }

    private void WriteStart(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("rev"u8, revision);
        writer.WriteStartArray("items"u8);
    }

    private void WriteItem(Utf8JsonWriter writer, in KeyValue entry, Dictionary<LeaseId, long> ttlSeconds)
    {
        _items++;
        _bytes += entry.Key.Length + (request.Values == ValueForm.None ? 0 : entry.Value.Length);
        EntryWriter.WriteEntry(writer, entry, request.Values, ttlSeconds.GetValueOrDefault(entry.Lease, -1));
    }

    private void WriteEnd(Utf8JsonWriter writer)
    {
        writer.WriteEndArray();
        WriteGroups(writer);
        writer.WriteBoolean("more"u8, Next is not null);
        if (Next is not null)
        {
            writer.WriteString("next"u8, Next);
        }
    }

    // A group that is not UTF-8 goes into a list of its own: an array holds one kind of thing. Who asked for groups is told
    // also that there are none.
    private void WriteGroups(Utf8JsonWriter writer)
    {
        if (request.Delimiter.Length == 0)
        {
            return;
        }

        var binary = 0;
        writer.WriteStartArray("prefixes"u8);
        foreach (var group in _groups)
        {
            if (Utf8.IsValid(group.Span))
            {
                writer.WriteStringValue(group.Span);
            }
            else
            {
                binary++;
            }
        }

        writer.WriteEndArray();
        if (binary == 0)
        {
            return;
        }

        writer.WriteStartArray("prefixesBase64"u8);
        foreach (var group in _groups)
        {
            if (!Utf8.IsValid(group.Span))
            {
                writer.WriteBase64StringValue(group.Span);
            }
        }

        writer.WriteEndArray();
    }
}

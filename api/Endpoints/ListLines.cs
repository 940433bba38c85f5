using RestKv.Api.Contracts;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Core.Model;

namespace RestKv.Api.Endpoints;

/// <summary>Writes a listing as NDJSON. Owned by one request.</summary>
internal sealed class ListLines(INode node, ListRequest request, long revision, ulong clusterId)
{
    /// <summary>Lines between two looks at whether this member may still answer from its state.</summary>
    private const int LinesPerLook = 256;

    private int _lines;
    private bool _isCut;
    private string? _next;

    public async Task WriteAsync(HttpContext context, RangeWalk walk)
    {
        using var reply = JsonReply.Rent();
        ReadOnlyMemory<byte> position = default;
        var positionIsGroup = false;
        while (walk.MoveNext())
        {
            if (IsFull())
            {
                _next = request.CursorAfter(revision, clusterId, positionIsGroup, position.Span);
                break;
            }

            (position, positionIsGroup) = (walk.Position, walk.IsGroup);
            if (walk.IsGroup)
            {
                WriteGroup(reply, walk.Group.Span);
            }
            else
            {
                WriteEntry(reply, walk.Current);
            }

            await reply.SpillAsync(context.Response, always: false, context.RequestAborted);
            if (MustBreakOff())
            {
                context.Abort();
                return;
            }
        }

        await EndAsync(context, reply);
    }

    public async Task WriteAsync(HttpContext context, List<KeyValue> entries)
    {
        using var reply = JsonReply.Rent();
        ReadOnlyMemory<byte> position = default;
        foreach (var entry in entries)
        {
            if (IsFull())
            {
                _next = request.CursorAfter(revision, clusterId, isGroup: false, position.Span);
                break;
            }

            position = entry.Key;
            WriteEntry(reply, entry);
            await reply.SpillAsync(context.Response, always: false, context.RequestAborted);
            if (MustBreakOff())
            {
                context.Abort();
                return;
            }
        }

        await EndAsync(context, reply);
    }

    /// <summary>It was outvoted meanwhile: without a last line, and with a broken connection, nobody takes this for a whole list.</summary>
    private bool MustBreakOff() => _lines % LinesPerLook == 0 && node.HasDiverged;

    private bool IsFull()
    {
        _isCut = request.Limit > 0 && _lines == request.Limit;
        return _isCut;
    }

    private void WriteEntry(JsonReply reply, in KeyValue entry)
    {
        _lines++;
        EntryWriter.WriteEntry(reply.Writer, entry, request.Values);
        reply.EndLine();
    }

    private void WriteGroup(JsonReply reply, ReadOnlySpan<byte> group)
    {
        _lines++;
        reply.Writer.WriteStartObject();
        if (System.Text.Unicode.Utf8.IsValid(group))
        {
            reply.Writer.WriteString("prefix"u8, group);
        }
        else
        {
            reply.Writer.WriteBase64String("prefixBase64"u8, group);
        }

        reply.Writer.WriteEndObject();
        reply.EndLine();
    }

    private async Task EndAsync(HttpContext context, JsonReply reply)
    {
        if (node.HasDiverged)
        {
            context.Abort();
            return;
        }

        var writer = reply.Writer;
        writer.WriteStartObject();
        writer.WriteBoolean("end"u8, true);
        writer.WriteNumber("rev"u8, revision);
        writer.WriteNumber("count"u8, _lines);
        writer.WriteBoolean("more"u8, _isCut);
        if (_isCut)
        {
            writer.WriteString("next"u8, _next);
        }

        writer.WriteEndObject();
        reply.EndLine();
        await reply.SpillAsync(context.Response, always: true, context.RequestAborted);
    }
}

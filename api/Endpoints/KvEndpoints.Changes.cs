using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Core.Model;

namespace RestKv.Api.Endpoints;

/// <summary>What happened since: long polls of ranges, and the history of one key.</summary>
internal sealed partial class KvEndpoints
{
    private static readonly QuerySpec HistoryQuery = new(
        Parameters.Limit, Parameters.Values, Parameters.Consistency, Parameters.MinRevision, Parameters.Revision,
        Parameters.Timeout, Parameters.JsonFormat, Parameters.Pretty);

    private async Task ListChangesAsync(HttpContext context, ListRequest request)
    {
        var reply = await ReadGate.ReadAsync(context, services, request.Read, request.Range);
        if (reply.View is not { } view)
        {
            await reply.Problem!.WriteAsync(context);
            return;
        }

        if (request.Since > view.Revision)
        {
            await ResultMapping.InFuture(view.Revision).WriteAsync(context);
            return;
        }

        var limit = request.Limit > 0 ? request.Limit : HttpLimits.PageItemsDefault;
        var since = request.Since >= 0 ? request.Since : view.Revision;
        var collector = new ChangeCollector(request.Range, since, limit);
        reply = await LongPoll.UntilAsync(services, context, request.Range, view, request.Wait, collector.Look);
        if (reply.View is null)
        {
            await reply.Problem!.WriteAsync(context);
            return;
        }

        view = reply.View;
        Reply.SetRevision(context.Response, view.Revision);
        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        if (collector.IsCompacted)
        {
            await ResultMapping.Compacted(view.CompactedRevision, view.Revision).WriteAsync(context);
        }
        else if (collector.Changes.Count == 0 && request.Wait > TimeSpan.Zero)
        {
            Reply.SendNothing(context, StatusCodes.Status304NotModified);
        }
        else
        {
            await SendChangesAsync(context, collector, view.Revision, request);
        }
    }

    private static async Task SendChangesAsync(
        HttpContext context, ChangeCollector collector, long revision, ListRequest request)
    {
        using var reply = JsonReply.Rent(request.Pretty);
        var writer = reply.Writer;
        writer.WriteStartObject();
        writer.WriteNumber("rev"u8, revision);
        writer.WriteStartArray("changes"u8);
        foreach (var change in collector.Changes)
        {
            ChangeWriter.WriteChange(writer, change, request.Values);
        }

        writer.WriteEndArray();
        writer.WriteNumber("next"u8, collector.Next);
        if (collector.IsCut)
        {
            writer.WriteBoolean("more"u8, true);
        }

        writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    private async Task GetHistoryAsync(HttpContext context)
    {
        var key = RequestFacts.Of(context).Key;
        var query = QueryReader.Read(context, HistoryQuery);
        var options = ReadOptions.Read(ref query);
        var limit = query.Integer(Parameters.Limit, HttpLimits.PageItemsDefault, ProblemCatalog.InvalidLimit);
        var form = (ValueForm)query.Choice(Parameters.Values);
        var pretty = query.Flag(Parameters.Pretty);
        query.Choice(Parameters.JsonFormat);
        if ((query.Problem ?? JsonOnly.Check(context.Request)) is { } fault)
        {
            await fault.WriteAsync(context);
            return;
        }

        var read = await ReadGate.ReadAsync(context, services, options, KeyRange.Single(key));
        if (read.View is not { } view)
        {
            await read.Problem!.WriteAsync(context);
            return;
        }

        Reply.SetRevision(context.Response, view.Revision);
        KvHeaders.VaryAsRead(context.Response.Headers);
        context.Response.Headers.CacheControl = KvHeaders.Revalidate;
        using var reply = JsonReply.Rent(pretty);
        if (HistoryPage.TryWrite(reply.Writer, view, key, options.Revision, (int)limit, form))
        {
            await Reply.SendAsync(context, reply);
        }
        else
        {
            await new Problem(ProblemCatalog.KeyNotFound, "no retained version of this key, not even its deletion")
            {
                CompactedRevision = view.CompactedRevision,
            }.WriteAsync(context);
        }
    }
}

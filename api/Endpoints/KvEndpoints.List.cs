using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Endpoints;

/// <summary>Reads of ranges.</summary>
internal sealed partial class KvEndpoints
{
    private static readonly Dictionary<LeaseId, long> NoTtls = [];

    private async Task ListKeysAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method)
            && AcceptHeader.Prefers(context.Request.Headers.Accept, KvHeaders.EventStream))
        {
            await services.Watches.OpenAsync(context, null);
            return;
        }

        var request = ListRequest.TryRead(context, ClusterId, out var problem);
        if (request is null)
        {
            await problem!.WriteAsync(context);
            return;
        }

        if (request.WantsChanges)
        {
            await ListChangesAsync(context, request);
            return;
        }

        var reply = await ReadGate.ReadAsync(context, services, request.Read, request.Range);
        if (reply.View is not { } view)
        {
            await ForCursor(reply.Problem!, request).WriteAsync(context);
            return;
        }

        var revision = request.Read.Revision > 0 ? request.Read.Revision : view.Revision;
        Reply.SetRevision(context.Response, view.Revision);
        KvHeaders.VaryAsRead(context.Response.Headers);
        context.Response.Headers.CacheControl = request.Read.Revision > 0 ? KvHeaders.Immutable : KvHeaders.Revalidate;
        await (request switch
        {
            { CountOnly: true } => SendCountAsync(context, view, revision, request),
            { AsLines: true } => SendLinesAsync(context, view, revision, request),
            _ => SendPageAsync(context, view, revision, request),
        });
    }

    private async Task SendPageAsync(HttpContext context, ReadView view, long revision, ListRequest request)
    {
        var page = new ListPage(request, revision, ClusterId);
        using var reply = JsonReply.Rent(request.Pretty);
        if (request.Sort == SortTarget.Key)
        {
            page.WriteWalk(reply.Writer, view, await TtlsAsync(view, revision, request));
        }
        else if (await TrySortAsync(context, view, revision, request) is { } entries)
        {
            page.WriteSorted(reply.Writer, entries, NoTtls);
        }
        else
        {
            return;
        }

        if (request.WantsCount)
        {
            reply.Writer.WriteNumber("count"u8, CountOf(view, revision, request));
        }

        reply.Writer.WriteEndObject();
        if (page.Next is not null)
        {
            context.Response.Headers.Link = NextLink.Of(RequestFacts.Of(context), page.Next);
        }

        await Reply.SendAsync(context, reply);
    }

    private async Task<List<KeyValue>?> TrySortAsync(HttpContext context, ReadView view, long revision, ListRequest request)
    {
        await services.WholeRangeScans.WaitAsync(context.RequestAborted);
        try
        {
            var entries = SortedWalk.TryCollect(view, revision, request, out var problem);
            if (problem is not null)
            {
                await problem.WriteAsync(context);
            }

            return entries;
        }
        finally
        {
            services.WholeRangeScans.Release();
        }
    }

    private static async Task SendCountAsync(HttpContext context, ReadView view, long revision, ListRequest request)
    {
        using var reply = JsonReply.Rent(request.Pretty);
        reply.Writer.WriteStartObject();
        reply.Writer.WriteNumber("rev"u8, revision);
        reply.Writer.WriteNumber("count"u8, CountOf(view, revision, request));
        reply.Writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    /// <summary>Everything at one revision, line by line, in constant memory; the last line says that nothing is missing.</summary>
    private async Task SendLinesAsync(HttpContext context, ReadView view, long revision, ListRequest request)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            StartLines(context);
            return;
        }

        await services.WholeRangeScans.WaitAsync(context.RequestAborted);
        try
        {
            if (request.Sort == SortTarget.Key)
            {
                StartLines(context);
                var walk = new RangeWalk(view, revision, request, request.Cursor);
                await new ListLines(services.Node, request, revision, ClusterId).WriteAsync(context, walk);
                return;
            }

            var entries = SortedWalk.TryCollect(view, revision, request, out var problem);
            if (problem is not null)
            {
                await problem.WriteAsync(context);
                return;
            }

            StartLines(context);
            await new ListLines(services.Node, request, revision, ClusterId).WriteAsync(context, entries!);
        }
        finally
        {
            services.WholeRangeScans.Release();
        }
    }

    private static void StartLines(HttpContext context)
    {
        RequestFacts.Of(context).IsAnswered = true;
        context.Response.ContentType = KvHeaders.NdJson;
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    private static long CountOf(ReadView view, long revision, ListRequest request)
    {
        if (!request.HasFilter)
        {
            return view.Range(new RangeRequest(request.Range) { Revision = revision, CountOnly = true, WantCount = true }).Count;
        }

        var count = 0L;
        var walk = new RangeWalk(view, revision, request with { Delimiter = [] });
        while (walk.MoveNext())
        {
            count++;
        }

        return count;
    }

    /// <summary>Time left of the leases on the page. Asked for once, and only while there are leases at all.</summary>
    private async ValueTask<Dictionary<LeaseId, long>> TtlsAsync(ReadView view, long revision, ListRequest request)
    {
        if (revision != view.Revision || services.Node.Status.LeaseCount == 0)
        {
            return NoTtls;
        }

        var leases = ListPage.LeasesOf(view, revision, request);
        if (leases.Count == 0)
        {
            return NoTtls;
        }

        var reply = await services.Node.QueryAsync(new TableQuery(Leases: leases), CancellationToken.None);
        var ttls = new Dictionary<LeaseId, long>(reply.Leases.Count);
        foreach (var lease in reply.Leases)
        {
            ttls[lease.Id] = ReadGate.SecondsLeft(lease);
        }

        return ttls;
    }

    /// <summary>A page whose revision is gone or never was is a matter of the cursor, not of a parameter.</summary>
    private static Problem ForCursor(Problem problem, ListRequest request)
    {
        if (request.Cursor is null)
        {
            return problem;
        }

        if (problem.Type == ProblemCatalog.Compacted)
        {
            return problem with { Type = ProblemCatalog.CursorExpired, Detail = "start again from the first page" };
        }

        return problem.Type == ProblemCatalog.FutureRevision
            ? problem with { Type = ProblemCatalog.CursorMismatch, Detail = "the cursor is of another store" }
            : problem;
    }
}

using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Api.Security.Auth;
using RestKv.Api.Watch;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Watch;

namespace RestKv.Api.Endpoints;

/// <summary>`/v1/watch`, and key and list URLs that are asked for as an event stream.</summary>
internal sealed partial class WatchEndpoints : IWatchOpener
{
    private const string LastEventId = "Last-Event-ID";

    private readonly INode _node;
    private readonly WatchDispatcher _watches;
    private readonly HttpLimits _limits;
    private readonly IAuthSource _auth;

    public WatchEndpoints(INode node, WatchDispatcher watches, NodeOptions options, Departure departure, IAuthSource auth)
    {
        (_node, _watches, _limits, _auth) = (node, watches, HttpLimits.From(options), auth);

        // Before the server waits for its requests: streams end only when told.
        departure.Leaving.UnsafeRegister(static state => ((WatchDispatcher)state!).BeginStop(), watches);
    }

    public Task OpenAsync(HttpContext context, KeyRange? range)
    {
        var request = WatchQuery.TryRead(context, range, out var problem);
        return request is null ? problem!.WriteAsync(context) : StreamAsync(context, request);
    }

    /// <summary>Answers a watch: a problem, or a stream until one side ends it.</summary>
    public async Task StreamAsync(HttpContext context, WatchRequest request)
    {
        var problem = ReadFormat(context.Request, out var format) ?? ReadLastId(context.Request, out _);
        _ = ReadLastId(context.Request, out var lastId);
        if (problem is null && request is { Snapshot: true, From: > 0 } && lastId < 0)
        {
            problem = new Problem(ProblemCatalog.InvalidFieldCombination, "a snapshot is of now: from has no meaning beside it")
            {
                At = "snapshot",
            };
        }

        var reply = problem is null ? await ViewAsync(request, lastId) : new ReadReply(null, problem);
        if (reply.View is not { } view)
        {
            await reply.Problem!.WriteAsync(context);
            return;
        }

        var principal = RequestFacts.Of(context).Principal;
        if (CheckRights(principal, request) is { } refusal)
        {
            await refusal.WriteAsync(context);
            return;
        }

        if (Plan(request, lastId, view, out problem) is not { } start)
        {
            await problem!.WriteAsync(context);
            return;
        }

        start = start with
        {
            Format = format,
            Guard = new WatchGuard(principal, _auth, start.Filter.Union),
            CredentialLife = LifeOf(principal),
        };
        await StreamAsync(context, start, view);
    }

    /// <summary>Each range as a whole: who may read one key of it must not see what comes after.</summary>
    private Problem? CheckRights(Principal principal, WatchRequest request)
    {
        foreach (var range in request.Ranges)
        {
            if (AccessGate.CheckRead(principal, _auth, range.Range) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>Never less than a moment, for zero is no end.</summary>
    private TimeSpan LifeOf(Principal principal) => principal.DeadlineMs == 0 || principal.Method == WatchGuard.TicketMethod
        ? TimeSpan.Zero
        : TimeSpan.FromMilliseconds(Math.Max(1, principal.DeadlineMs - _auth.ClusterTimeMs));

    private Task WatchAsync(HttpContext context) => OpenAsync(context, null);

    private async Task WatchByBodyAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context, _limits, RestKvJsonContext.Default.WatchBody);
        if (body.Value is null || body.Problem is not null)
        {
            await body.Problem!.WriteAsync(context);
            return;
        }

        var none = QueryReader.Read(context, NoQuery);
        var request = WatchBodyMapper.TryMap(body.Value, out var problem);
        problem ??= none.Problem;
        await (problem is null ? StreamAsync(context, request!) : problem.WriteAsync(context));
    }

    private async Task StreamAsync(HttpContext context, WatchStart start, ReadView view)
    {
        SetHeaders(context, start.Format, view);
        var stream = _watches.TryOpen(start, view, context.Response.BodyWriter, context.Abort, out var refusal);
        if (stream is null)
        {
            context.Response.Headers.Remove("X-Accel-Buffering");
            await Refused(refusal).WriteAsync(context);
            return;
        }

        var isStarted = false;
        try
        {
            await context.Response.StartAsync(context.RequestAborted);
            isStarted = true;
        }
        finally
        {
            if (!isStarted)
            {
                _watches.Abandon(stream);
            }
        }

        _watches.Begin(stream);
        await using (context.RequestAborted.UnsafeRegister(static state => ((WatchStream)state!).Leave(), stream))
        {
            await stream.Ended;
        }
    }

    /// <summary>
    /// A state that the request can be judged by. "Above the store's revision" is judged against the cluster, not against a
    /// member that lags.
    /// </summary>
    private async ValueTask<ReadReply> ViewAsync(WatchRequest request, long lastId)
    {
        if (_node.HasDiverged)
        {
            return new ReadReply(null, ResultMapping.Diverged());
        }

        var view = _node.View;
        if (lastId > view.Revision)
        {
            var barrier = await _node.ReadBarrierAsync(request.Timeout, CancellationToken.None);
            if (barrier.View is null)
            {
                var outcome = barrier.Outcome == BarrierOutcome.Timeout ? BarrierOutcome.NotReady : barrier.Outcome;
                return new ReadReply(null, ResultMapping.ToProblem(outcome));
            }

            view = barrier.View;
        }

        if (request.MinRevision <= view.Revision)
        {
            return new ReadReply(view, null);
        }

        return await _node.WaitForRevisionAsync(request.MinRevision, request.Timeout, CancellationToken.None)
            ? new ReadReply(_node.View, null)
            : new ReadReply(null, new Problem(ProblemCatalog.TimedOut, "minRev was not reached in time") { Revision = view.Revision });
    }

    private WatchStart? Plan(WatchRequest request, long lastId, ReadView view, out Problem? problem)
    {
        problem = null;
        var next = view.Revision + 1;
        var from = lastId >= 0 ? lastId + 1 : request.From > 0 ? request.From : next;

        // A revision that the cluster has not had: the id is of another cluster, or of one before a restore.
        var gone = lastId > view.Revision ? "unknown-revision" : from < view.CompactedRevision ? "compacted" : null;
        if (gone is not null && !request.Resync)
        {
            problem = new Problem(
                ProblemCatalog.Compacted,
                GoneText(lastId, from, view))
            {
                Revision = view.Revision,
                CompactedRevision = view.CompactedRevision,
            };
            return null;
        }

        var snapshot = gone is not null || (request.Snapshot && lastId < 0);
        return new WatchStart
        {
            Filter = new WatchFilter(request.Ranges, request.Types),
            From = snapshot ? next : from,
            Revision = view.Revision,
            CompactedRevision = view.CompactedRevision,
            Snapshot = snapshot,
            ResetReason = gone,
            Resync = request.Resync,
            Previous = request.Previous,
            Values = request.Values,
            Progress = request.Progress,
            Heartbeat = request.Heartbeat,
            MaxLife = request.MaxLife,
            Member = _node.Status.MemberId.ToString(),
            Cluster = _node.Status.ClusterId.ToString("x", System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    private static string GoneText(long lastId, long from, ReadView view)
    {
        var cause = lastId > view.Revision
            ? $"Last-Event-ID {lastId} is above the store's revision {view.Revision}: it comes from another store, or from this "
                + "one before it was restored"
            : $"the history from revision {from} on is gone, it begins at {view.CompactedRevision}";
        return cause + ". Start anew with snapshot=true, or always with resync=true";
    }

    private static void SetHeaders(HttpContext context, WatchFormat format, ReadView view)
    {
        var headers = context.Response.Headers;
        RequestFacts.Of(context).IsAnswered = true;
        Reply.SetRevision(context.Response, view.Revision);
        context.Response.ContentType = format == WatchFormat.EventStream ? KvHeaders.EventStream : KvHeaders.NdJson;
        headers.CacheControl = "no-store, no-transform";
        KvHeaders.VaryAsRead(headers);
        headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // A reader may pause: its stream has a deadline of its own, by progress and not by rate.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private static Problem Refused(ChangeWaitOutcome refusal) => refusal == ChangeWaitOutcome.ShuttingDown
        ? new Problem(ProblemCatalog.ShuttingDown, "this member is stopping: ask another one")
        : refusal == ChangeWaitOutcome.Diverged ? ResultMapping.Diverged()
        : new Problem(ProblemCatalog.Overloaded, "too many watches are open on this member (--max-watches)");

    private static Problem? ReadFormat(HttpRequest request, out WatchFormat format)
    {
        var events = AcceptHeader.Quality(request.Headers.Accept, KvHeaders.EventStream);
        var lines = AcceptHeader.Quality(request.Headers.Accept, KvHeaders.NdJson);
        format = lines > events ? WatchFormat.JsonLines : WatchFormat.EventStream;
        return lines > 0 || events > 0
            ? null
            : new Problem(ProblemCatalog.NotAcceptable, "a watch is text/event-stream or application/x-ndjson") { At = "Accept" };
    }

    /// <summary>-1 when there is none. Browsers send the header by themselves when they reconnect.</summary>
    private static Problem? ReadLastId(HttpRequest request, out long lastId)
    {
        lastId = -1;
        var header = request.Headers[LastEventId];
        if (header.Count == 0 || (header.Count == 1 && string.IsNullOrEmpty(header[0])))
        {
            return null;
        }

        if (header.Count == 1 && QueryReader.TryParseInteger(header[0], out var id))
        {
            lastId = id;
            return null;
        }

        return new Problem(ProblemCatalog.BadRevision, "the id of the last event, as it came") { At = LastEventId };
    }
}

using System.Text.Unicode;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Endpoints;

/// <summary>Reads of one key.</summary>
internal sealed partial class KvEndpoints
{
    private static readonly QuerySpec GetQuery = new(
        Parameters.Consistency, Parameters.MinRevision, Parameters.Revision, Parameters.Wait, Parameters.Timeout,
        Parameters.Format, Parameters.Pretty);

    /// <summary>What a read of one key asks for.</summary>
    private readonly record struct GetRequest(
        ReadOptions Read, ReadCondition? Condition, TimeSpan Wait, bool AsJson, bool Pretty);

    private async Task GetValueAsync(HttpContext context)
    {
        var key = RequestFacts.Of(context).Key;
        if (HttpMethods.IsGet(context.Request.Method)
            && AcceptHeader.Prefers(context.Request.Headers.Accept, KvHeaders.EventStream))
        {
            await services.Watches.OpenAsync(context, KeyRange.Single(key));
            return;
        }

        var problem = ReadGetRequest(context, out var request);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        var reply = await ReadGate.ReadAsync(context, services, request.Read, KeyRange.Single(key));
        if (reply.View is not { } view)
        {
            await reply.Problem!.WriteAsync(context);
            return;
        }

        if (request.Wait > TimeSpan.Zero && request.Condition is { HasNoneMatch: true } condition)
        {
            reply = await LongPoll.UntilAsync(
                services, context, KeyRange.Single(key), view, request.Wait,
                now => condition.Judge(RevisionOf(now, key)) != ReadVerdict.NotModified);
            if (reply.View is null)
            {
                await reply.Problem!.WriteAsync(context);
                return;
            }

            view = reply.View;
        }

        await AnswerAsync(context, view, key, request);
    }

    private static Problem? ReadGetRequest(HttpContext context, out GetRequest request)
    {
        var query = QueryReader.Read(context, GetQuery);
        var options = ReadOptions.Read(ref query);
        var wait = query.Duration(Parameters.Wait, TimeSpan.Zero);
        if (wait > TimeSpan.Zero && options.Revision > 0)
        {
            query.Fail(ProblemCatalog.BadRequest, "the past does not change: wait and rev exclude each other", "wait");
        }

        var asJson = query.Choice(Parameters.Format) switch
        {
            1 => true,
            2 => false,
            _ => AcceptHeader.Prefers(context.Request.Headers.Accept, KvHeaders.Json),
        };
        var condition = ReadCondition.Read(context.Request, ref query);
        request = new GetRequest(options, condition, wait, asJson, query.Flag(Parameters.Pretty));
        return query.Problem;
    }

    private async Task AnswerAsync(HttpContext context, ReadView view, byte[] key, GetRequest request)
    {
        var response = context.Response;
        Reply.SetRevision(response, view.Revision);
        var isFound = request.Read.Revision > 0
            ? view.TryGet(key, request.Read.Revision, out var entry)
            : view.TryGet(key, out entry);
        var verdict = request.Condition?.Judge(isFound ? entry.ModRevision : 0) ?? ReadVerdict.Answer;
        if (verdict == ReadVerdict.Failed)
        {
            await PreconditionFailed(isFound ? entry : null, request.Condition?.Match).WriteAsync(context);
            return;
        }

        KvHeaders.VaryAsRead(response.Headers);
        if (verdict == ReadVerdict.NotModified)
        {
            SetCacheHeaders(response, entry, request);
            Reply.SendNothing(context, StatusCodes.Status304NotModified);
            return;
        }

        if (!isFound)
        {
            response.Headers.ETag = EntityTag.Of(0);
            await new Problem(ProblemCatalog.KeyNotFound, "nothing is stored under this key").WriteAsync(context);
            return;
        }

        var ttlSeconds = entry.Lease.IsNone || request.Read.Revision > 0
            ? -1
            : await ReadGate.TtlSecondsAsync(services.Node, entry.Lease);
        SetCacheHeaders(response, entry, request);
        Reply.SetEntryHeaders(response, entry, ttlSeconds);
        await (request.AsJson
            ? SendEntryAsync(context, entry, ttlSeconds, request.Pretty)
            : SendRawAsync(context, entry.Value));
    }

    private static void SetCacheHeaders(HttpResponse response, in KeyValue entry, in GetRequest request)
    {
        response.Headers.CacheControl = request.Read.Revision > 0 ? KvHeaders.Immutable : KvHeaders.Revalidate;
        response.Headers.ETag = request.AsJson ? EntityTag.OfJson(entry.ModRevision) : EntityTag.Of(entry.ModRevision);
    }

    private static async Task SendEntryAsync(HttpContext context, KeyValue entry, long ttlSeconds, bool pretty)
    {
        using var reply = JsonReply.Rent(pretty);
        EntryWriter.WriteEntry(reply.Writer, entry, ValueForm.Text, ttlSeconds);
        await Reply.SendAsync(context, reply);
    }

    private static async Task SendRawAsync(HttpContext context, ReadOnlyMemory<byte> value)
    {
        var response = context.Response;
        RequestFacts.Of(context).IsAnswered = true;
        response.ContentType = Utf8.IsValid(value.Span) ? KvHeaders.Text : KvHeaders.Binary;
        response.ContentLength = value.Length;
        response.Headers.ContentSecurityPolicy = KvHeaders.RawValuePolicy;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(value);
        }
    }

    private static long RevisionOf(ReadView view, byte[] key) => view.TryGet(key, out var entry) ? entry.ModRevision : 0;

    private static Problem PreconditionFailed(KeyValue? current, List<long>? expected = null) => new(
        ProblemCatalog.PreconditionFailed,
        current is not { } entry ? "the key does not exist"
        : expected is null ? $"the key is at revision {Text.Of(entry.ModRevision)}"
        : $"the key is at revision {Text.Of(entry.ModRevision)}, not {string.Join(" or ", expected.Select(Text.Of))}")
    {
        Current = current,
        CurrentIsAbsent = current is null,
    };
}

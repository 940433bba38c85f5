using RestKv.Core.Model;

namespace RestKv.Api.Http;

/// <summary>The last step of every answer: headers, length, one write.</summary>
internal static class Reply
{
    private static readonly NumberText RevisionText = new();

    public static void SetRevision(HttpResponse response, long revision) =>
        response.Headers[KvHeaders.Revision] = RevisionText.Of(revision);

    /// <summary>Sends a finished JSON document with its length.</summary>
    public static async Task SendAsync(HttpContext context, JsonReply reply, int status = StatusCodes.Status200OK)
    {
        var body = reply.Finish();
        var response = context.Response;
        RequestFacts.Of(context).IsAnswered = true;
        response.StatusCode = status;
        response.ContentType = KvHeaders.Json;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(body);
        }
    }

    /// <summary>Sends a body of fixed text.</summary>
    public static async Task SendTextAsync(HttpContext context, ReadOnlyMemory<byte> text, int status = StatusCodes.Status200OK)
    {
        var response = context.Response;
        RequestFacts.Of(context).IsAnswered = true;
        response.StatusCode = status;
        response.ContentType = KvHeaders.Text;
        response.Headers.CacheControl = KvHeaders.NoStore;
        response.ContentLength = text.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(text);
        }
    }

    /// <summary>Ends an answer that has no body.</summary>
    public static void SendNothing(HttpContext context, int status)
    {
        RequestFacts.Of(context).IsAnswered = true;
        context.Response.StatusCode = status;
    }

    /// <summary>The facts of an entry that a raw answer carries in headers.</summary>
    public static void SetEntryHeaders(HttpResponse response, in KeyValue entry, long ttlSeconds)
    {
        var headers = response.Headers;
        SetLastModified(headers, entry.ModifiedAtMs);
        headers[KvHeaders.CreateRevision] = Text.Of(entry.CreateRevision);
        headers[KvHeaders.Version] = Text.Of(entry.Version);
        if (!entry.Lease.IsNone)
        {
            headers[KvHeaders.Lease] = entry.Lease.ToString();
            if (ttlSeconds >= 0)
            {
                headers[KvHeaders.Ttl] = Text.Of(ttlSeconds);
            }
        }
    }

    /// <summary>
    /// Never later than Date (RFC 9110, 8.8.2.1). The server's own Date lags by up to a second and the clock of the member that
    /// took the write may go ahead, so where it matters both are written here.
    /// </summary>
    private static void SetLastModified(IHeaderDictionary headers, long modifiedAtMs)
    {
        const long ServerDateLagMsMax = 2_000;
        var nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        if (modifiedAtMs > nowMs - ServerDateLagMsMax)
        {
            modifiedAtMs = Math.Min(modifiedAtMs, nowMs);
            headers.Date = Text.HttpDate(nowMs);
        }

        headers.LastModified = Text.HttpDate(modifiedAtMs);
    }
}

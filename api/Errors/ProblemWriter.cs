using System.Text.Json;
using RestKv.Api.Contracts;
using RestKv.Api.Http;

namespace RestKv.Api.Errors;

/// <summary>Writes problems as `application/problem+json`.</summary>
internal static class ProblemWriter
{
    private const int RetryAfterSeconds = 1;

    private static readonly string[] Challenges = ["Bearer realm=\"restkv\"", "Basic realm=\"restkv\", charset=\"UTF-8\""];

    /// <summary>
    /// Answers with the problem. When the answer has begun already there is no honest way to say more, so the connection is cut,
    /// which a client sees as an incomplete answer.
    /// </summary>
    public static async Task WriteAsync(this Problem problem, HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        var facts = RequestFacts.Of(context);
        facts.IsAnswered = true;
        SetHeaders(problem, context);
        using var reply = JsonReply.Rent();
        WriteBody(reply.Writer, problem, context, facts);
        var body = reply.Finish();
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.BodyWriter.WriteAsync(body);
        }
    }

    private static void SetHeaders(Problem problem, HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = StatusOf(problem);
        response.ContentType = KvHeaders.ProblemJson;
        response.Headers.CacheControl = KvHeaders.NoStore;
        if (problem.Type.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests)
        {
            response.Headers.RetryAfter = Text.Of(Math.Max(RetryAfterSeconds, problem.RetryAfterSeconds));
        }

        if (problem.Type.Status is StatusCodes.Status401Unauthorized)
        {
            // A browser would ask its user for the password of a page that has its own way to log in.
            response.Headers.WWWAuthenticate = context.Request.Headers[KvHeaders.SecFetchSite].Count > 0
                ? Challenges[..1]
                : Challenges;
        }

        if (problem.Current is { } current)
        {
            response.Headers.ETag = EntityTag.Of(current.ModRevision);
        }

        // HTTP/2 has no such header: there a stream ends, not the connection.
        if (problem.ClosesConnection && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            response.Headers.Connection = "close";
        }
    }

    private static int StatusOf(Problem problem) => problem.Status != 0 ? problem.Status : problem.Type.Status;

    private static void WriteBody(Utf8JsonWriter writer, Problem problem, HttpContext context, RequestFacts facts)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, problem.Type.Uri);
        writer.WriteString("title"u8, problem.Type.Title);
        writer.WriteNumber("status"u8, StatusOf(problem));
        writer.WriteString("detail"u8, problem.Detail);
        writer.WriteString("code"u8, problem.Type.Code);
        writer.WriteBoolean("retryable"u8, problem.Type.IsRetryable);
        if (IsWrite(context))
        {
            writer.WriteString("outcome"u8, problem.OutcomeUnknown ? "unknown"u8 : problem.OutcomeApplied ? "applied"u8 : "not-applied"u8);
        }

        writer.WriteString("requestId"u8, facts.RequestId(context));
        if (problem.At is not null)
        {
            writer.WriteString("at"u8, problem.At);
        }

        WriteFacts(writer, problem);
        writer.WriteEndObject();
    }

    private static void WriteFacts(Utf8JsonWriter writer, Problem problem)
    {
        if (problem.Revision > 0)
        {
            writer.WriteNumber("rev"u8, problem.Revision);
        }

        if (problem.CompactedRevision >= 0)
        {
            writer.WriteNumber("compactedRev"u8, problem.CompactedRevision);
        }

        if (problem.KnownFromMs > 0)
        {
            writer.WriteString("knownFrom"u8, Text.Timestamp(problem.KnownFromMs));
        }

        if (problem.Current is { } current)
        {
            writer.WriteStartObject("current"u8);
            writer.WriteNumber("modRev"u8, current.ModRevision);
            writer.WriteNumber("version"u8, current.Version);
            EntryWriter.WriteProvenance(writer, current);
            writer.WriteEndObject();
        }
        else if (problem.CurrentIsAbsent)
        {
            writer.WriteStartObject("current"u8);
            writer.WriteNumber("modRev"u8, 0);
            writer.WriteNumber("version"u8, 0);
            writer.WriteEndObject();
        }

        WriteLists(writer, problem);
    }

    private static void WriteLists(Utf8JsonWriter writer, Problem problem)
    {
        if (problem.FailedChecks.Count > 0)
        {
            writer.WriteStartArray("failedChecks"u8);
            foreach (var check in problem.FailedChecks)
            {
                writer.WriteStringValue(check);
            }

            writer.WriteEndArray();
        }

        if (problem.Faults.Count > 0)
        {
            writer.WriteStartArray("errors"u8);
            foreach (var fault in problem.Faults)
            {
                writer.WriteStartObject();
                writer.WriteString("at"u8, fault.At);
                writer.WriteString("code"u8, fault.Code);
                writer.WriteString("detail"u8, fault.Detail);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }
    }

    private static bool IsWrite(HttpContext context)
    {
        var method = context.Request.Method;
        return !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method)
            && !HttpMethods.IsTrace(method)
            && context.GetEndpoint()?.Metadata.GetMetadata<ReadOnlyOperation>() is null;
    }
}

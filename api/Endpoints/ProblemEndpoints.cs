using RestKv.Api.Errors;
using RestKv.Api.Http;

namespace RestKv.Api.Endpoints;

/// <summary>`/problems`: what the `type` of a problem points to, on this very server.</summary>
internal static partial class ProblemEndpoints
{
    private static readonly QuerySpec Query = new(Parameters.JsonFormat, Parameters.Pretty);

    private static async Task ListProblemTypesAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not { } pretty)
        {
            return;
        }

        using var reply = JsonReply.Rent(pretty);
        reply.Writer.WriteStartObject();
        reply.Writer.WriteStartArray("problems"u8);
        foreach (var type in ProblemCatalog.All)
        {
            Write(reply.Writer, type);
        }

        reply.Writer.WriteEndArray();
        reply.Writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    private static async Task GetProblemTypeAsync(HttpContext context, string code)
    {
        if (await ReadAsync(context) is not { } pretty)
        {
            return;
        }

        if (ProblemCatalog.Find(code) is not { } type)
        {
            await new Problem(ProblemCatalog.RouteNotFound, "/problems lists all codes").WriteAsync(context);
            return;
        }

        using var reply = JsonReply.Rent(pretty);
        Write(reply.Writer, type);
        await Reply.SendAsync(context, reply);
    }

    private static async Task<bool?> ReadAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, Query);
        query.Choice(Parameters.JsonFormat);
        var pretty = query.Flag(Parameters.Pretty);
        if ((query.Problem ?? JsonOnly.Check(context.Request)) is { } fault)
        {
            await fault.WriteAsync(context);
            return null;
        }

        return pretty;
    }

    private static void Write(System.Text.Json.Utf8JsonWriter writer, ProblemType type)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type.Uri);
        writer.WriteString("code"u8, type.Code);
        writer.WriteNumber("status"u8, type.Status);
        writer.WriteString("title"u8, type.Title);
        writer.WriteBoolean("retryable"u8, type.IsRetryable);
        var advice = ProblemAdvice.Of(type);
        writer.WriteString("cause"u8, advice.Cause);
        writer.WriteString("remedy"u8, advice.Remedy);
        writer.WriteEndObject();
    }
}

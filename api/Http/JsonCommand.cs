using System.Text.Json.Serialization.Metadata;
using FluentValidation;
using RestKv.Api.Errors;

namespace RestKv.Api.Http;

/// <summary>A write that came as a JSON document: what it asks for and how it wants to be answered.</summary>
internal sealed record JsonCommand<T>(T Body, WriteOptions Options)
    where T : class
{
    /// <summary>Reads and judges query, head and body; null when the problem has been answered.</summary>
    public static async ValueTask<JsonCommand<T>?> ReadAsync(
        HttpContext context, HttpLimits limits, QuerySpec spec, JsonTypeInfo<T> type, IValidator<T> validator)
    {
        var problem = ReadOptions(context, spec, out var options);
        if (problem is null)
        {
            var body = await JsonBody.ReadAsync(context, limits, type, validator);
            if (body.Problem is null)
            {
                return new JsonCommand<T>(Raft.Invariant.NotNull(body.Value), options);
            }

            problem = body.Problem;
        }

        await problem.WriteAsync(context);
        return null;
    }

    private static Problem? ReadOptions(HttpContext context, QuerySpec spec, out WriteOptions options)
    {
        var query = QueryReader.Read(context, spec);
        options = WriteOptions.Read(context, ref query);
        return query.Problem ?? JsonOnly.Check(context.Request);
    }
}

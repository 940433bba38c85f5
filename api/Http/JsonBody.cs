using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;
using RestKv.Api.Errors;

namespace RestKv.Api.Http;

/// <summary>A request document, or why there is none.</summary>
internal readonly record struct JsonBodyReply<T>(T? Value, Problem? Problem)
    where T : class;

/// <summary>Reads JSON request bodies strictly (and, from curl, without being told that they are JSON).</summary>
internal static class JsonBody
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    public static async ValueTask<JsonBodyReply<T>> ReadAsync<T>(
        HttpContext context, HttpLimits limits, JsonTypeInfo<T> type, IValidator<T>? validator = null)
        where T : class
    {
        var request = context.Request;
        if (JsonMediaType.Check(request, out var mustLookLikeJson) is { } media)
        {
            return new JsonBodyReply<T>(null, media);
        }

        var body = await BodyReader.ReadAsync(request, limits, limits.BodyBytesMax, ProblemCatalog.RequestTooLarge);
        return body.Problem is not null
            ? new JsonBodyReply<T>(null, body.Problem)
            : Parse(body.Bytes, mustLookLikeJson, type, validator);
    }

    private static JsonBodyReply<T> Parse<T>(
        ReadOnlySpan<byte> body, bool mustLookLikeJson, JsonTypeInfo<T> type, IValidator<T>? validator)
        where T : class
    {
        if (body.StartsWith(ByteOrderMark))
        {
            body = body[ByteOrderMark.Length..];
        }

        if (mustLookLikeJson && !LooksLikeJson(body))
        {
            return new JsonBodyReply<T>(null, JsonMediaType.Unsupported());
        }

        if (LooksLikeUtf16(body))
        {
            return new JsonBodyReply<T>(null, new Problem(ProblemCatalog.UnsupportedCharset, "send UTF-8"));
        }

        if (JsonCheck.Find(body, JsonShape.Of(type)) is { } fault)
        {
            return new JsonBodyReply<T>(null, fault);
        }

        var value = Raft.Invariant.NotNull(JsonSerializer.Deserialize(body, type));
        return new JsonBodyReply<T>(value, validator is null ? null : ValidationMapping.ToProblem(validator.Validate(value)));
    }

    private static bool LooksLikeJson(ReadOnlySpan<byte> body)
    {
        var start = body.TrimStart(" \t\r\n"u8);
        return start.Length > 0 && start[0] is (byte)'{' or (byte)'[';
    }

    // JSON starts with an ASCII character: a zero beside it is the other half of a wider unit.
    private static bool LooksLikeUtf16(ReadOnlySpan<byte> body) =>
        body.Length >= 2 && (body[0] == 0 || body[1] == 0 || body is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..]);
}

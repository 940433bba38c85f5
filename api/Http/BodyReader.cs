using System.Buffers;
using RestKv.Api.Errors;

namespace RestKv.Api.Http;

/// <summary>A body, or why there is none.</summary>
internal readonly record struct BodyReply(byte[] Bytes, Problem? Problem);

/// <summary>Reads request bodies whole, into an array of exactly their size: it goes into the command as it is.</summary>
internal static class BodyReader
{
    /// <param name="limit">Largest body taken.</param>
    /// <param name="tooLarge">What a body between that and the limit of all requests is refused with.</param>
    public static ValueTask<BodyReply> ReadAsync(HttpRequest request, HttpLimits limits, long limit, ProblemType tooLarge)
    {
        if (CheckEncoding(request) is { } encoding)
        {
            return RefuseAsync(encoding);
        }

        if (request.ContentLength is not { } length)
        {
            return request.Headers.TransferEncoding.Count > 0 || HttpProtocol.IsHttp2(request.Protocol)
                ? ReadUnknownAsync(request, limits, limit, tooLarge)
                : new ValueTask<BodyReply>(new BodyReply([], null));
        }

        if (length > limits.BodyBytesMax)
        {
            return RefuseAsync(RequestTooLarge(limits));
        }

        return length > limit ? RefuseAsync(TooLarge(tooLarge, limit)) : ReadExactlyAsync(request, (int)length);
    }

    public static Problem RequestTooLarge(HttpLimits limits) =>
        new(ProblemCatalog.RequestTooLarge, $"the limit is {limits.BodyBytesMax} bytes (--max-request-bytes)")
        {
            ClosesConnection = true,
        };

    private static async ValueTask<BodyReply> ReadExactlyAsync(HttpRequest request, int length)
    {
        if (length == 0)
        {
            return new BodyReply([], null);
        }

        var bytes = GC.AllocateUninitializedArray<byte>(length);
        var reader = request.BodyReader;
        var filled = 0;
        while (filled < length)
        {
            var read = await reader.ReadAsync();
            read.Buffer.CopyTo(bytes.AsSpan(filled));
            filled += (int)read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted && filled < length)
            {
                throw new BadHttpRequestException("the body is shorter than declared");
            }
        }

        return new BodyReply(bytes, null);
    }

    private static async ValueTask<BodyReply> ReadUnknownAsync(
        HttpRequest request, HttpLimits limits, long limit, ProblemType tooLarge)
    {
        var gathered = new ArrayBufferWriter<byte>();
        var reader = request.BodyReader;
        var isTooLarge = false;
        while (true)
        {
            var read = await reader.ReadAsync();
            if (gathered.WrittenCount + read.Buffer.Length > limits.BodyBytesMax)
            {
                reader.AdvanceTo(read.Buffer.End);
                return new BodyReply([], RequestTooLarge(limits));
            }

            foreach (var segment in read.Buffer)
            {
                gathered.Write(segment.Span);
            }

            isTooLarge |= gathered.WrittenCount > limit;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return isTooLarge
                    ? new BodyReply([], TooLarge(tooLarge, limit))
                    : new BodyReply(gathered.WrittenSpan.ToArray(), null);
            }
        }
    }

    // Nothing compressed is taken: a small body that grows to gigabytes cannot be refused in time.
    private static Problem? CheckEncoding(HttpRequest request)
    {
        var encoding = request.Headers.ContentEncoding;
        return encoding.Count == 0 || string.Equals(encoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase)
            ? null
            : new Problem(ProblemCatalog.UnsupportedEncoding, "send the body as it is") { At = "Content-Encoding" };
    }

    private static ValueTask<BodyReply> RefuseAsync(Problem problem) => new(new BodyReply([], problem));

    private static Problem TooLarge(ProblemType type, long limit) =>
        new(type, $"the limit is {limit} bytes (--max-value-bytes)");
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Core.Commands;

namespace RestKv.Api.Http;

/// <summary>A result to map to an answer, or the problem that takes its place.</summary>
/// <param name="IsDigest">The stored answer of an earlier request, without the entries that were in it.</param>
internal readonly record struct WriteReply(OperationResult? Result, Problem? Problem, bool IsDigest = false);

/// <summary>Hands commands to the replica and sees to their Idempotency-Key.</summary>
internal static class WriteGate
{
    // Authentication comes with an issue of its own; until then nobody is anybody.
    private const string Author = "";

    /// <summary>
    /// Proposes the command and waits for what became of it. Refusals are problems; a failed precondition is a result.
    /// Also sets the headers that tell about the write.
    /// </summary>
    public static async ValueTask<WriteReply> SubmitAsync(
        HttpContext context, ApiServices services, Command command, WriteOptions options)
    {
        if (options.IdempotencyKey is null)
        {
            return await SubmitAsync(context, services, command, new SubmitOptions(Author, options.Timeout));
        }

        var key = options.IdempotencyKey;
        if (!await EnterAsync(services, key, options.Timeout))
        {
            return new WriteReply(null, new Problem(
                ProblemCatalog.IdempotencyInProgress, "the first request with this key has no answer yet"));
        }

        try
        {
            var submit = new SubmitOptions(Author, options.Timeout, key, HashOf(command));
            return await SubmitAsync(context, services, command, submit);
        }
        finally
        {
            services.InFlight.Leave(Author, key);
        }
    }

    private static async ValueTask<WriteReply> SubmitAsync(
        HttpContext context, ApiServices services, Command command, SubmitOptions options)
    {
        RequestFacts.Of(context).IsSubmitted = true;

        // Not tied to the connection: a client that hangs up has not taken its write back.
        var reply = await services.Node.SubmitAsync(command, options, CancellationToken.None);
        services.Metrics.WriteAnswered(reply);
        if (reply.Replayed)
        {
            context.Response.Headers[KvHeaders.IdempotencyReplayed] = "true";
        }

        if (reply.Result.Revision > 0)
        {
            Reply.SetRevision(context.Response, reply.Result.Revision);
        }

        if (ResultMapping.ToProblem(reply.Result) is { } problem)
        {
            return new WriteReply(null, problem);
        }

        return reply.Result is OperationResult.Kept { Verdict: { } verdict }
            ? new WriteReply(verdict, null, IsDigest: true)
            : new WriteReply(reply.Result, null);
    }

    /// <summary>Waits for an earlier request with the key; false when it outlasts the timeout.</summary>
    private static async ValueTask<bool> EnterAsync(ApiServices services, string key, TimeSpan timeout)
    {
        var until = services.Time.GetTimestamp() + (long)(timeout.TotalSeconds * services.Time.TimestampFrequency);
        while (services.InFlight.TryEnterAsync(Author, key) is { } running)
        {
            var left = services.Time.GetElapsedTime(services.Time.GetTimestamp(), until);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            try
            {
                await running.WaitAsync(left, services.Time);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// What must be equal for a retry to be one: the command as it would be logged. So spellings of the same key, the
    /// timeout and the form of the answer do not matter, while conditions do.
    /// </summary>
    private static ulong HashOf(Command command)
    {
        var bytes = new ByteWriter();
        CommandCodec.Encode(bytes, command);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.Written, digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }
}

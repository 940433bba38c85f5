using System.Buffers.Binary;
using System.Security.Cryptography;
using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Security.Auth;
using RestKv.Core.Commands;

namespace RestKv.Api.Http;

/// <summary>A result to map to an answer, or the problem that takes its place.</summary>
/// <param name="IsDigest">The stored answer of an earlier request, without the entries that were in it.</param>
internal readonly record struct WriteReply(OperationResult? Result, Problem? Problem, bool IsDigest = false);

/// <summary>Hands commands to the replica and sees to their Idempotency-Key.</summary>
internal static class WriteGate
{
    /// <summary>
    /// Proposes the command and waits for what became of it. Refusals are problems; a failed precondition is a result.
    /// Also sets the headers that tell about the write.
    /// </summary>
    public static async ValueTask<WriteReply> SubmitAsync(
        HttpContext context, ApiServices services, Command command, WriteOptions options)
    {
        var principal = RequestFacts.Of(context).Principal;
        var submit = new SubmitOptions(principal.Name, options.Timeout) { Credential = principal.Credential };
        if (options.IdempotencyKey is not { } key)
        {
            return await SubmitAsync(context, services, command, submit);
        }

        if (!await EnterAsync(services, principal.Name, key, options.Timeout))
        {
            return new WriteReply(null, new Problem(
                ProblemCatalog.IdempotencyInProgress, "the first request with this key has no answer yet"));
        }

        try
        {
            return await SubmitAsync(
                context, services, command, submit with { IdempotencyKey = key, RequestHash = HashOf(Repeatable(command)) });
        }
        finally
        {
            services.InFlight.Leave(principal.Name, key);
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
            return new WriteReply(null, problem.Type == ProblemCatalog.Forbidden ? Name(context, services, command) : problem);
        }

        return reply.Result is OperationResult.Kept { Verdict: { } verdict }
            ? new WriteReply(verdict, null, IsDigest: true)
            : new WriteReply(reply.Result, null);
    }

    /// <summary>Waits for an earlier request with the key; false when it outlasts the timeout.</summary>
    private static async ValueTask<bool> EnterAsync(ApiServices services, string author, string key, TimeSpan timeout)
    {
        var until = services.Time.GetTimestamp() + (long)(timeout.TotalSeconds * services.Time.TimestampFrequency);
        while (services.InFlight.TryEnterAsync(author, key) is { } running)
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

    /// <summary>Names the right that was missing, as far as this member can tell now.</summary>
    private static Problem Name(HttpContext context, ApiServices services, Command command)
    {
        RequestFacts.Of(context).Principal.Judge(services.Auth, out var authority);
        return AuthProblems.Forbidden(command, authority);
    }

    /// <summary>
    /// Without what is drawn anew each time. Neither may a password leave a trace here: the hash goes into the log, and it is a
    /// fast one.
    /// </summary>
    private static Command Repeatable(Command command) => command switch
    {
        Command.UserAdd add => add with { PasswordHash = default },
        Command.UserSetPassword set => set with { PasswordHash = default },
        Command.TokenAdd add => add with { Digest = default },
        _ => command,
    };

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

using System.Text.Json;
using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Core.Commands;

namespace RestKv.Api.Endpoints;

/// <summary>`/v1/outcomes/{key}`: what became of a write whose answer was lost.</summary>
internal sealed partial class OutcomeEndpoints(ApiServices services)
{
    private static readonly QuerySpec Query = new(Parameters.Timeout, Parameters.JsonFormat, Parameters.Pretty);

    private async Task GetOutcomeAsync(HttpContext context)
    {
        var key = PathText.LastOf(context);
        var query = QueryReader.Read(context, Query);
        var options = WriteOptions.Read(context, ref query);
        var problem = query.Problem ?? JsonOnly.Check(context.Request) ?? CheckKey(key);
        if (problem is null)
        {
            // Without a barrier a member that lags would call an applied write unknown.
            var read = await ReadGate.ReadAsync(services.Node, new ReadOptions(false, 0, 0, options.Timeout));
            problem = read.Problem;
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        var table = await services.Node.QueryAsync(
            new TableQuery(OutcomeKey: key, Author: RequestFacts.Of(context).Principal.Name), CancellationToken.None);
        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        var record = Raft.Invariant.NotNull(table.Outcome);
        if (record.Status == IdempotencyStatus.NotFound)
        {
            await new Problem(ProblemCatalog.KeyNotFound, "no write with this Idempotency-Key was applied so far")
            {
                KnownFromMs = record.KnownFromMs == 0 ? 0 : WallTimeOf(record.KnownFromMs),
            }.WriteAsync(context);
            return;
        }

        await AnswerAsync(context, record, options);
    }

    /// <summary>The table counts in the cluster's own time, which people do not read.</summary>
    private long WallTimeOf(long clusterMs) =>
        services.Time.GetUtcNow().ToUnixTimeMilliseconds() - Math.Max(0, services.Node.Status.ClusterTimeMs - clusterMs);

    private async Task SettleOutcomeAsync(HttpContext context)
    {
        var key = PathText.LastOf(context);
        var query = QueryReader.Read(context, Query);
        var options = WriteOptions.Read(context, ref query);
        var problem = query.Problem ?? JsonOnly.Check(context.Request) ?? CheckKey(key);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        // The key is the one being settled; the settling itself is safe to repeat without one.
        var reply = await WriteGate.SubmitAsync(
            context, services, new Command.SettleOutcome(key), options with { IdempotencyKey = null });
        if (reply.Result is OperationResult.OutcomeSettled settled)
        {
            await AnswerAsync(context, settled.Record, options);
            return;
        }

        await Raft.Invariant.NotNull(reply.Problem).WriteAsync(context);
    }

    private static async Task AnswerAsync(HttpContext context, IdempotencyRecord record, WriteOptions options)
    {
        using var reply = JsonReply.Rent(options.Pretty);
        var writer = reply.Writer;
        writer.WriteStartObject();
        var isApplied = record.Status == IdempotencyStatus.Applied
            && (record.Result is not { } result || !IsRefused(result));
        writer.WriteString("status"u8, isApplied ? "applied"u8 : "not-applied"u8);
        if (record.Status == IdempotencyStatus.Applied)
        {
            writer.WriteNumber("rev"u8, record.Revision);
            WriteVerdict(writer, record.Result);
        }
        else if (record.Status == IdempotencyStatus.Rejected && ResultMapping.ToProblem(record.Result!) is { } problem)
        {
            writer.WriteString("code"u8, problem.Type.Code);
        }

        writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    /// <summary>The condition did not hold and what ran instead changed nothing: a 412 to who asked first.</summary>
    private static bool IsRefused(OperationResult result) =>
        Unpack(result) is OperationResult.Txn { Succeeded: false } && !WriteEffect.Changed(result);

    private static OperationResult Unpack(OperationResult result) =>
        result is OperationResult.Kept { Verdict: { } verdict } ? verdict : result;

    private static void WriteVerdict(Utf8JsonWriter writer, OperationResult? result)
    {
        if (result is not null && Unpack(result) is OperationResult.Txn txn)
        {
            writer.WriteBoolean("succeeded"u8, txn.Succeeded);
        }
    }

    private static Problem? CheckKey(string key) => WriteOptions.IsIdempotencyKey(key)
        ? null
        : new Problem(
            ProblemCatalog.InvalidIdempotencyKey,
            $"an Idempotency-Key has 1 to {HttpLimits.IdempotencyKeyLengthMax} visible ASCII characters");
}

using System.Text.Json;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Core.Commands;

namespace RestKv.Api.Endpoints;

/// <summary>`POST /v1/txn`.</summary>
internal sealed partial class TxnEndpoints(ApiServices services)
{
    private static readonly QuerySpec TxnQuery = new(
        Parameters.Strict, Parameters.Timeout, Parameters.JsonFormat, Parameters.Pretty);

    private readonly TxnMapper _mapper = new(services.Limits);

    private async Task RunTransactionAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, TxnQuery);
        var options = WriteOptions.Read(context, ref query);
        var isStrict = query.Flag(Parameters.Strict);
        if ((query.Problem ?? JsonOnly.Check(context.Request)) is { } fault)
        {
            await fault.WriteAsync(context);
            return;
        }

        var body = await JsonBody.ReadAsync(context, services.Limits, RestKvJsonContext.Default.TxnRequest);
        var problem = body.Problem;
        Operation.Txn? txn = null;
        problem ??= _mapper.Map(body.Value!, out txn);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        var reply = await WriteGate.SubmitAsync(context, services, new Command.Write(txn!), options);
        problem = reply.Problem ?? ElseRan(reply, isStrict);
        await (problem is null
            ? AnswerAsync(context, reply, body.Value!, options)
            : problem.WriteAsync(context));
    }

    private static Problem? ElseRan(in WriteReply reply, bool isStrict) =>
        isStrict && reply.Result is OperationResult.Txn { Succeeded: false } txn
            ? new Problem(ProblemCatalog.TxnElse, "the operations of else ran; without strict=true their results are returned")
            {
                Revision = txn.Revision,
                OutcomeApplied = WriteEffect.Changed(txn, reply.IsDigest),
            }
            : null;

    private static async Task AnswerAsync(
        HttpContext context, WriteReply answer, TxnRequest request, WriteOptions options)
    {
        if (options.Return == ReturnPreference.Minimal)
        {
            context.Response.Headers[KvHeaders.PreferenceApplied] = "return=minimal";
            Reply.SendNothing(context, StatusCodes.Status204NoContent);
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        var writer = reply.Writer;
        writer.WriteStartObject();
        var txn = (OperationResult.Txn)Raft.Invariant.NotNull(answer.Result);
        writer.WriteBoolean("succeeded"u8, txn.Succeeded);
        writer.WriteNumber("rev"u8, txn.Revision);
        if (!answer.IsDigest)
        {
            WriteResults(writer, txn, request);
        }

        writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    private static void WriteResults(Utf8JsonWriter writer, OperationResult.Txn txn, TxnRequest request)
    {
        var operations = (txn.Succeeded ? request.Then : request.Else) ?? [];
        Raft.Invariant.Check(operations.Count == txn.Results.Count);
        writer.WriteStartArray("results"u8);
        for (var i = 0; i < operations.Count; i++)
        {
            writer.WriteStartObject();
            WriteResult(writer, txn.Results[i], operations[i]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteResult(Utf8JsonWriter writer, OperationResult result, TxnOperation operation)
    {
        switch (result)
        {
            case OperationResult.Put put:
                WritePut(writer, put, operation.Put);
                break;
            case OperationResult.Delete delete:
                WriteDelete(writer, delete);
                break;
            case OperationResult.Get get:
                WriteGet(writer, get, operation.Get);
                break;
            case OperationResult.Txn inner:
                writer.WriteStartObject("txn"u8);
                writer.WriteBoolean("succeeded"u8, inner.Succeeded);
                WriteResults(writer, inner, operation.Txn ?? new TxnRequest());
                writer.WriteEndObject();
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static void WritePut(Utf8JsonWriter writer, OperationResult.Put put, TxnPut? operation)
    {
        writer.WriteStartObject("put"u8);
        writer.WriteBoolean("created"u8, put.Created);
        if (operation?.Ttl is { } ttl && JsonDuration.ReadTtl(ttl, "/ttl", out var seconds) is null)
        {
            writer.WriteString("lease"u8, put.Lease.ToString());
            writer.WriteNumber("ttl"u8, seconds);
        }

        if (put.Previous is { } previous)
        {
            writer.WritePropertyName("prev"u8);
            EntryWriter.WriteEntry(writer, previous, ValueForm.Text);
        }

        writer.WriteEndObject();
    }

    private static void WriteDelete(Utf8JsonWriter writer, OperationResult.Delete delete)
    {
        writer.WriteStartObject("delete"u8);
        writer.WriteNumber("deleted"u8, delete.Deleted);
        if (delete.Previous.Count > 0)
        {
            writer.WriteStartArray("prev"u8);
            foreach (var entry in delete.Previous)
            {
                EntryWriter.WriteEntry(writer, entry, ValueForm.Text);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteGet(Utf8JsonWriter writer, OperationResult.Get get, TxnGet? operation)
    {
        var form = (ValueForm)Math.Max(0, Parameters.Values.Choices.ToList().IndexOf(operation?.Values ?? ""));
        writer.WriteStartObject("get"u8);
        if (operation?.CountOnly == true)
        {
            writer.WriteNumber("count"u8, get.Result.Count);
            writer.WriteEndObject();
            return;
        }

        writer.WriteStartArray("items"u8);
        foreach (var entry in get.Result.Items)
        {
            EntryWriter.WriteEntry(writer, entry, form);
        }

        writer.WriteEndArray();
        if (get.Result.More)
        {
            writer.WriteBoolean("more"u8, true);
        }

        writer.WriteEndObject();
    }
}

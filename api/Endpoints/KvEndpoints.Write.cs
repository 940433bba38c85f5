using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Endpoints;

/// <summary>Writes of one key.</summary>
internal sealed partial class KvEndpoints
{
    private static readonly QuerySpec PutQuery = new(
        Parameters.Ttl, Parameters.Lease, Parameters.KeepLease, Parameters.Previous, Parameters.Timeout,
        Parameters.JsonFormat, Parameters.Pretty);

    private static readonly QuerySpec DeleteQuery = new(
        Parameters.Previous, Parameters.Timeout, Parameters.JsonFormat, Parameters.Pretty);

    private async Task PutValueAsync(HttpContext context)
    {
        var key = RequestFacts.Of(context).Key;
        var query = QueryReader.Read(context, PutQuery);
        var options = WriteOptions.Read(context, ref query);
        var put = ReadPut(ref query, key);
        var condition = WriteCondition.Read(context.Request, key, ref query);
        if ((query.Problem ?? JsonOnly.Check(context.Request)) is { } fault)
        {
            await fault.WriteAsync(context);
            return;
        }

        var body = await BodyReader.ReadAsync(
            context.Request, services.Limits, services.Limits.ValueBytesMax, ProblemCatalog.ValueTooLarge);
        if (body.Problem is not null)
        {
            await body.Problem.WriteAsync(context);
            return;
        }

        put = put with { Value = body.Bytes };
        var reply = await WriteGate.SubmitAsync(
            context, services, new Command.Write(condition.Guard(put, key)), options);
        var problem = reply.Problem ?? FailedCondition(reply, condition);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        await AnswerPutAsync(context, reply.Result!, key, put, options);
    }

    private async Task DeleteValueAsync(HttpContext context)
    {
        var key = RequestFacts.Of(context).Key;
        var query = QueryReader.Read(context, DeleteQuery);
        var options = WriteOptions.Read(context, ref query);
        var delete = new Operation.Delete(KeyRange.Single(key), query.Flag(Parameters.Previous));
        var condition = WriteCondition.Read(context.Request, key, ref query);
        if ((query.Problem ?? JsonOnly.Check(context.Request)) is { } fault)
        {
            await fault.WriteAsync(context);
            return;
        }

        var reply = await WriteGate.SubmitAsync(
            context, services, new Command.Write(condition.Guard(delete, key)), options);
        var problem = reply.Problem ?? FailedCondition(reply, condition);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        await AnswerDeleteAsync(context, reply.Result!, options, isRange: false);
    }

    private static Operation.Put ReadPut(ref QueryReader query, byte[] key)
    {
        var put = new Operation.Put(key, default) { ReturnPrevious = query.Flag(Parameters.Previous) };
        var ways = 0;
        if (query.Has(Parameters.Ttl))
        {
            ways++;
            put = put with { OwnTtlSeconds = LeaseText.WholeSeconds(query.Duration(Parameters.Ttl, TimeSpan.Zero), ref query) };
        }

        if (query.Has(Parameters.Lease))
        {
            ways++;
            put = put with { Lease = LeaseText.Read(query.Text(Parameters.Lease), ref query) };
        }

        if (query.Flag(Parameters.KeepLease))
        {
            ways++;
            put = put with { KeepLease = true, LenientKeep = true };
        }

        if (ways > 1)
        {
            query.Fail(ProblemCatalog.InvalidFieldCombination, "ttl, lease and keepLease exclude each other", "lease");
        }

        return put;
    }

    private static Problem? FailedCondition(in WriteReply reply, in WriteCondition condition)
    {
        if (condition.IsEmpty || reply.Result is not OperationResult.Txn { Succeeded: false } txn)
        {
            return null;
        }

        if (reply.IsDigest)
        {
            return new Problem(ProblemCatalog.PreconditionFailed, "the condition did not hold when the request first came");
        }

        return txn.Results is [OperationResult.Get { Result.Items: [var current, ..] }]
            ? PreconditionFailed(current) with { Detail = condition.Missed(current.ModRevision) }
            : PreconditionFailed(null);
    }

    private async Task AnswerPutAsync(
        HttpContext context, OperationResult result, byte[] key, Operation.Put put, WriteOptions options)
    {
        var done = result is OperationResult.Txn { Results: [OperationResult.Put inner] } ? inner : result as OperationResult.Put;
        context.Response.Headers.ETag = EntityTag.Of(result.Revision);
        if (options.Return == ReturnPreference.Minimal)
        {
            context.Response.Headers[KvHeaders.PreferenceApplied] = "return=minimal";
            Reply.SendNothing(context, StatusCodes.Status204NoContent);
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        var writer = reply.Writer;
        writer.WriteStartObject();
        writer.WriteNumber("rev"u8, result.Revision);
        if (done is not null)
        {
            writer.WriteBoolean("created"u8, done.Created);
            if (put.OwnTtlSeconds > 0)
            {
                writer.WriteString("lease"u8, done.Lease.ToString());
                writer.WriteNumber("ttl"u8, put.OwnTtlSeconds);
            }

            if (done.Previous is { } previous)
            {
                writer.WritePropertyName("prev"u8);
                EntryWriter.WriteEntry(writer, previous, ValueForm.Text);
            }
        }

        if (options.Return == ReturnPreference.Representation
            && services.Node.View is var view && view.CompactedRevision <= result.Revision
            && view.TryGet(key, result.Revision, out var entry))
        {
            context.Response.Headers[KvHeaders.PreferenceApplied] = "return=representation";
            writer.WritePropertyName("entry"u8);
            EntryWriter.WriteEntry(writer, entry, ValueForm.Text);
        }

        writer.WriteEndObject();
        await Reply.SendAsync(
            context, reply, done is { Created: true } ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task AnswerDeleteAsync(
        HttpContext context, OperationResult result, WriteOptions options, bool isRange)
    {
        var done = result is OperationResult.Txn { Results: [OperationResult.Delete inner] }
            ? inner
            : result as OperationResult.Delete;
        if (options.Return == ReturnPreference.Minimal)
        {
            context.Response.Headers[KvHeaders.PreferenceApplied] = "return=minimal";
            Reply.SendNothing(context, StatusCodes.Status204NoContent);
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        var writer = reply.Writer;
        writer.WriteStartObject();
        writer.WriteNumber("rev"u8, result.Revision);
        if (done is not null)
        {
            writer.WriteNumber("deleted"u8, done.Deleted);
            WritePrevious(writer, done.Previous, isRange);
        }

        writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    private static void WritePrevious(System.Text.Json.Utf8JsonWriter writer, IReadOnlyList<KeyValue> previous, bool isRange)
    {
        if (previous.Count == 0)
        {
            return;
        }

        writer.WritePropertyName("prev"u8);
        if (!isRange)
        {
            EntryWriter.WriteEntry(writer, previous[0], ValueForm.Text);
            return;
        }

        writer.WriteStartArray();
        foreach (var entry in previous)
        {
            EntryWriter.WriteEntry(writer, entry, ValueForm.Text);
        }

        writer.WriteEndArray();
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Api.Security.Auth;
using RestKv.Api.Validation;
using RestKv.Core.Commands;
using RestKv.Core.Leases;
using RestKv.Core.Model;

namespace RestKv.Api.Endpoints;

/// <summary>`/v1/leases`.</summary>
internal sealed partial class LeaseEndpoints(ApiServices services, ILogger<LeaseEndpoints> logger)
{
    private static readonly QuerySpec WriteQuery = new(Parameters.Timeout, Parameters.JsonFormat, Parameters.Pretty);

    private static readonly QuerySpec ListQuery = new(
        Parameters.Limit, Parameters.Cursor, Parameters.Consistency, Parameters.MinRevision, Parameters.Timeout,
        Parameters.JsonFormat, Parameters.Pretty);

    private static readonly QuerySpec GetQuery = new(
        Parameters.Keys, Parameters.Consistency, Parameters.MinRevision, Parameters.Timeout, Parameters.JsonFormat,
        Parameters.Pretty);

    private readonly LeaseGrantValidator _grantValidator = new();
    private readonly LeaseKeepAliveValidator _keepAliveValidator = new();

    private async Task GrantLeaseAsync(HttpContext context)
    {
        if (await JsonCommand<LeaseGrantRequest>.ReadAsync(
            context, services.Limits, WriteQuery, RestKvJsonContext.Default.LeaseGrantRequest, _grantValidator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        _ = JsonDuration.ReadTtl(body.Ttl.GetValueOrDefault(), "", out var seconds);
        _ = LeaseText.TryParse(body.Id, out var id);
        var reply = await WriteGate.SubmitAsync(context, services, new Command.LeaseGrant(id, seconds), options);
        await (reply.Problem is null
            ? AnswerGrantAsync(context, reply.Result!, options)
            : reply.Problem.WriteAsync(context));
    }

    private static async Task AnswerGrantAsync(HttpContext context, OperationResult result, WriteOptions options)
    {
        using var reply = JsonReply.Rent(options.Pretty);
        reply.Writer.WriteStartObject();
        if (result is OperationResult.LeaseGranted granted)
        {
            reply.Writer.WriteString("id"u8, granted.Id.ToString());
            reply.Writer.WriteNumber("ttl"u8, granted.TtlSeconds);
            context.Response.Headers.Location = $"/v1/leases/{granted.Id}";
        }

        reply.Writer.WriteEndObject();
        await Reply.SendAsync(context, reply, StatusCodes.Status201Created);
    }

    private async Task ListLeasesAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, ListQuery);
        var options = ReadOptionsOf(ref query);
        var limit = (int)query.Integer(Parameters.Limit, HttpLimits.PageItemsDefault, ProblemCatalog.InvalidLimit);
        var after = LeaseId.None;
        if (query.Has(Parameters.Cursor) && !LeaseText.TryParse(query.Text(Parameters.Cursor), out after))
        {
            query.Fail(ProblemCatalog.CursorMismatch, "send the cursor as it came", Parameters.Cursor.Name);
        }

        var question = new TableQuery(AllLeasesAfter: after, Limit: limit);
        var pretty = query.Flag(Parameters.Pretty);
        if (await AskAsync(context, query.Problem, options, question) is not { } table)
        {
            return;
        }

        using var reply = JsonReply.Rent(pretty);
        var writer = reply.Writer;
        writer.WriteStartObject();
        writer.WriteStartArray("leases"u8);
        foreach (var lease in table.Leases)
        {
            WriteLease(writer, lease, withKeys: false);
        }

        writer.WriteEndArray();
        if (table.More)
        {
            var next = table.Leases[^1].Id.ToString();
            writer.WriteBoolean("more"u8, true);
            writer.WriteString("next"u8, next);
            context.Response.Headers.Link = $"</v1/leases?limit={limit}&cursor={next}>; rel=\"next\"";
        }

        writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    private async Task GetLeaseAsync(HttpContext context, string id)
    {
        var query = QueryReader.Read(context, GetQuery);
        var options = ReadOptionsOf(ref query);
        var withKeys = query.Flag(Parameters.Keys);
        var pretty = query.Flag(Parameters.Pretty);
        var problem = query.Problem ?? ReadId(id, out _);
        _ = LeaseText.TryParse(id, out var lease);
        var question = new TableQuery(Leases: [lease], WithKeys: withKeys);
        if (await AskAsync(context, problem, options, question) is not { } table)
        {
            return;
        }

        if (table.Leases is not [var found])
        {
            await ResultMapping.LeaseNotFound(id).WriteAsync(context);
            return;
        }

        using var reply = JsonReply.Rent(pretty);
        WriteLease(reply.Writer, found, withKeys);
        await Reply.SendAsync(context, reply);
    }

    private async Task KeepLeaseAliveAsync(HttpContext context, string id)
    {
        var query = QueryReader.Read(context, WriteQuery);
        var options = WriteOptions.Read(context, ref query);
        var problem = query.Problem ?? JsonOnly.Check(context.Request) ?? ReadId(id, out _);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        _ = LeaseText.TryParse(id, out var lease);
        var reply = await WriteGate.SubmitAsync(context, services, new Command.LeaseRenew([lease]), options);
        problem = reply.Problem
            ?? (reply.Result is OperationResult.LeaseRenewed { TtlSeconds: [0] } ? ResultMapping.LeaseNotFound(id) : null);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        using var json = JsonReply.Rent(options.Pretty);
        json.Writer.WriteStartObject();
        json.Writer.WriteString("id"u8, lease.ToString());
        if (reply.Result is OperationResult.LeaseRenewed { TtlSeconds: [var seconds] })
        {
            json.Writer.WriteNumber("ttl"u8, seconds);
        }

        json.Writer.WriteEndObject();
        await Reply.SendAsync(context, json);
    }

    private async Task KeepLeasesAliveAsync(HttpContext context)
    {
        if (await JsonCommand<LeaseKeepAliveRequest>.ReadAsync(
            context, services.Limits, WriteQuery, RestKvJsonContext.Default.LeaseKeepAliveRequest, _keepAliveValidator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        var ids = ImmutableArray.CreateBuilder<LeaseId>(body.Ids!.Count);
        foreach (var text in body.Ids)
        {
            _ = LeaseText.TryParse(text, out var id);
            ids.Add(id);
        }

        var leases = ids.MoveToImmutable();
        var reply = await WriteGate.SubmitAsync(context, services, new Command.LeaseRenew(leases), options);
        await (reply.Problem is null
            ? AnswerKeepAliveAsync(context, reply.Result!, leases, options)
            : reply.Problem.WriteAsync(context));
    }

    private static async Task AnswerKeepAliveAsync(
        HttpContext context, OperationResult result, ImmutableArray<LeaseId> leases, WriteOptions options)
    {
        using var reply = JsonReply.Rent(options.Pretty);
        var writer = reply.Writer;
        writer.WriteStartObject();
        writer.WriteStartArray("leases"u8);
        if (result is OperationResult.LeaseRenewed renewed)
        {
            for (var i = 0; i < leases.Length; i++)
            {
                writer.WriteStartObject();
                writer.WriteString("id"u8, leases[i].ToString());
                if (renewed.TtlSeconds[i] > 0)
                {
                    writer.WriteNumber("ttl"u8, renewed.TtlSeconds[i]);
                }
                else
                {
                    writer.WriteString("code"u8, ProblemCatalog.LeaseNotFound.Code);
                }

                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    private async Task RevokeLeaseAsync(HttpContext context, string id)
    {
        var query = QueryReader.Read(context, WriteQuery);
        var options = WriteOptions.Read(context, ref query);
        var problem = query.Problem ?? JsonOnly.Check(context.Request) ?? ReadId(id, out _);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        _ = LeaseText.TryParse(id, out var lease);
        var reply = await WriteGate.SubmitAsync(context, services, new Command.LeaseRevoke(lease), options);
        if (reply.Problem is not null)
        {
            await reply.Problem.WriteAsync(context);
            return;
        }

        using var json = JsonReply.Rent(options.Pretty);
        json.Writer.WriteStartObject();
        json.Writer.WriteNumber("rev"u8, reply.Result!.Revision);
        if (reply.Result is OperationResult.LeaseRevoked revoked)
        {
            json.Writer.WriteNumber("deletedKeys"u8, revoked.DeletedKeys);
        }

        json.Writer.WriteEndObject();
        await Reply.SendAsync(context, json);
    }

    private static ReadOptions ReadOptionsOf(ref QueryReader query)
    {
        query.Choice(Parameters.JsonFormat);
        return new ReadOptions(
            query.Choice(Parameters.Consistency) == 1,
            query.Integer(Parameters.MinRevision, 0, ProblemCatalog.BadRevision),
            0,
            ReadOptions.TimeoutOf(ref query));
    }

    /// <summary>Asks the lease table as fresh as wanted; null when a problem was written instead.</summary>
    private async Task<TableReply?> AskAsync(HttpContext context, Problem? problem, ReadOptions options, TableQuery question)
    {
        problem ??= JsonOnly.Check(context.Request);
        if (problem is null)
        {
            var read = await ReadGate.ReadAsync(services.Node, options);
            problem = read.Problem;
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return null;
        }

        // With authentication on a lease is shown to whoever may read its keys, for leases have no owner.
        var isJudged = services.Auth.Auth.IsEnabled;
        var table = await services.Node.QueryAsync(question with { WithKeys = question.WithKeys || isJudged }, CancellationToken.None);
        if (isJudged && AccessGate.CheckReadOfKeys(context, services, table.Leases.SelectMany(lease => lease.Keys)) is { } refusal)
        {
            await refusal.WriteAsync(context);
            return null;
        }

        Reply.SetRevision(context.Response, services.Node.View.Revision);
        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        return table;
    }

    private static Problem? ReadId(string text, out LeaseId id) =>
        LeaseText.TryParse(text, out id) ? null : ResultMapping.NoLeaseId();

    private static void WriteLease(Utf8JsonWriter writer, LeaseInfo lease, bool withKeys)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, lease.Id.ToString());
        writer.WriteNumber("ttl"u8, ReadGate.SecondsLeft(lease));
        writer.WriteNumber("grantedTtl"u8, lease.GrantedTtlSeconds);
        if (withKeys)
        {
            writer.WriteStartArray("keys"u8);
            foreach (var key in lease.Keys)
            {
                writer.WriteStartObject();
                EntryWriter.WriteKey(writer, key.Span);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}

using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Api.Validation;
using RestKv.Core.Commands;

namespace RestKv.Api.Endpoints;

/// <summary>Compaction, retention, limits, quota and status.</summary>
internal sealed partial class MaintenanceEndpoints(ApiServices services)
{
    private static readonly QuerySpec ReadQuery = new(Parameters.Timeout, Parameters.JsonFormat, Parameters.Pretty);

    private readonly CompactValidator _compactValidator = new();
    private readonly RetentionValidator _retentionValidator = new();

    private async Task CompactAsync(HttpContext context)
    {
        if (await JsonCommand<CompactRequest>.ReadAsync(
            context, services.Limits, ReadQuery, RestKvJsonContext.Default.CompactRequest, _compactValidator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        var reply = await WriteGate.SubmitAsync(
            context, services, new Command.Compact(body.Rev.GetValueOrDefault()), options);
        if (reply.Problem is not null)
        {
            await reply.Problem.WriteAsync(context);
            return;
        }

        using var json = JsonReply.Rent(options.Pretty);
        json.Writer.WriteStartObject();
        json.Writer.WriteNumber("rev"u8, reply.Result!.Revision);
        if (reply.Result is OperationResult.Compacted compacted)
        {
            json.Writer.WriteNumber("compactedRev"u8, compacted.CompactedRevision);
        }

        json.Writer.WriteEndObject();
        await Reply.SendAsync(context, json);
    }

    private async Task GetRetentionAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not { } options)
        {
            return;
        }

        var table = await services.Node.QueryAsync(new TableQuery(Leases: []), CancellationToken.None);
        await SendRetentionAsync(context, table.Retention, options);
    }

    private async Task SetRetentionAsync(HttpContext context)
    {
        if (await JsonCommand<RetentionRequest>.ReadAsync(
            context, services.Limits, ReadQuery, RestKvJsonContext.Default.RetentionRequest, _retentionValidator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        _ = JsonDuration.TryReadSeconds(body.Age.GetValueOrDefault(), out var seconds);
        var retention = new Retention(body.Revisions.GetValueOrDefault(), seconds * 1000);
        var reply = await WriteGate.SubmitAsync(context, services, new Command.SetRetention(retention), options);
        await (reply.Problem is null
            ? SendRetentionAsync(context, retention, options)
            : reply.Problem.WriteAsync(context));
    }

    private async Task GetLimitsAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not { } options)
        {
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        LimitsWriter.Write(reply.Writer, services.Limits);
        await Reply.SendAsync(context, reply);
    }

    private async Task GetQuotaAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not { } options)
        {
            return;
        }

        var status = services.Node.Status;
        var view = services.Node.View;
        using var reply = JsonReply.Rent(options.Pretty);
        var writer = reply.Writer;
        writer.WriteStartObject();
        writer.WriteNumber("quotaBytes"u8, status.QuotaBytes);
        writer.WriteNumber("usedBytes"u8, view.BytesInUse);
        writer.WriteNumber("liveBytes"u8, view.LiveBytes);
        writer.WriteNumber("historyBytes"u8, view.BytesInUse - view.LiveBytes);
        writer.WriteBoolean("full"u8, status.NoSpaceAlarm);
        writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    private async Task GetStatusAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not { } options)
        {
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        StatusWriter.Write(reply.Writer, services);
        await Reply.SendAsync(context, reply);
    }

    /// <summary>The common part of the reads; null when a problem was written instead.</summary>
    private static async Task<WriteOptions?> ReadAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, ReadQuery);
        var options = WriteOptions.Read(context, ref query);
        if ((query.Problem ?? JsonOnly.Check(context.Request)) is { } fault)
        {
            await fault.WriteAsync(context);
            return null;
        }

        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        return options;
    }

    private static async Task SendRetentionAsync(HttpContext context, Retention retention, WriteOptions options)
    {
        using var reply = JsonReply.Rent(options.Pretty);
        reply.Writer.WriteStartObject();
        reply.Writer.WriteNumber("revisions"u8, retention.Revisions);
        reply.Writer.WriteString("age"u8, Text.Duration(retention.AgeMs / 1000));
        reply.Writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }
}

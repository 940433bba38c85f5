using System.Globalization;
using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Storage.Snapshots;

namespace RestKv.Api.Endpoints;

/// <summary>`/v1/snapshot`: the whole state as one file.</summary>
internal sealed partial class BackupEndpoints(ApiServices services, IBackupSource source, ILogger<BackupEndpoints> logger) : IDisposable
{
    /// <summary>Each holds memory that was freed since it began, for as long as its client takes.</summary>
    private const int BackupsMax = 2;

    /// <summary>A client that takes nothing for so long is gone.</summary>
    private static readonly TimeSpan StallMax = TimeSpan.FromSeconds(60);

    private const string DigestHeader = "Repr-Digest";

    private static readonly QuerySpec Query = new(Parameters.Consistency, Parameters.MinRevision, Parameters.Timeout);

    private readonly SemaphoreSlim _slots = new(BackupsMax);

    public void Dispose() => _slots.Dispose();

    private async Task GetSnapshotAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, Query);
        var options = new ReadOptions(
            query.Choice(Parameters.Consistency) == 1,
            query.Integer(Parameters.MinRevision, 0, ProblemCatalog.BadRevision),
            0,
            ReadOptions.TimeoutOf(ref query));
        if ((query.Problem ?? CheckAccept(context.Request)) is { } fault)
        {
            await fault.WriteAsync(context);
            return;
        }

        if (!await _slots.WaitAsync(0, context.RequestAborted))
        {
            await new Problem(ProblemCatalog.Overloaded, $"{BackupsMax} backups are being taken already").WriteAsync(context);
            return;
        }

        try
        {
            var read = await ReadGate.ReadAsync(services.Node, options);
            await (read.View is null ? read.Problem!.WriteAsync(context) : SendAsync(context));
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task SendAsync(HttpContext context)
    {
        var backup = await source.CaptureAsync(context.RequestAborted);
        SetHeaders(context.Response, backup);
        RequestFacts.Of(context).IsAnswered = true;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var hasTrailers = context.Response.SupportsTrailers();
        if (hasTrailers)
        {
            context.Response.DeclareTrailer(DigestHeader);
        }

        var started = services.Time.GetTimestamp();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, services.Departure.Closing);
        try
        {
            var digests = await BackupStream.SendAsync(backup, (block, stop) => WriteAsync(context.Response, block, stop), end.Token);
            if (services.Node.HasDiverged)
            {
                throw new OperationCanceledException("this member was outvoted meanwhile");
            }

            if (hasTrailers)
            {
                context.Response.AppendTrailer(DigestHeader, DigestText(digests));
            }

            var digest = Convert.ToHexStringLower(digests.Content);
            var elapsedMs = (long)services.Time.GetElapsedTime(started).TotalMilliseconds;
            LogSent(backup.Image.View.Revision, backup.Image.AppliedIndex, digest, elapsedMs);
        }
        catch (OperationCanceledException)
        {
            // The client left or stood still, or the server stops. A part of a file must not look like one.
            var reason = services.Departure.Closing.IsCancellationRequested ? "this server is stopping"
                : services.Node.HasDiverged ? "the state of this member is not that of the majority"
                : "the client stopped reading";
            LogCut(backup.Image.View.Revision, reason);
            context.Abort();
        }
    }

    private static async ValueTask WriteAsync(HttpResponse response, ReadOnlyMemory<byte> block, CancellationToken stop)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(StallMax);
        await response.BodyWriter.WriteAsync(block, deadline.Token);

        // A write that is cut short by its token returns as if it had been done.
        deadline.Token.ThrowIfCancellationRequested();
    }

    private static void SetHeaders(HttpResponse response, BackupImage backup)
    {
        var revision = backup.Image.View.Revision;
        Reply.SetRevision(response, revision);
        response.ContentType = KvHeaders.Binary;
        response.Headers.CacheControl = KvHeaders.NoStore;
        response.Headers.ContentDisposition = string.Create(
            CultureInfo.InvariantCulture, $"attachment; filename=\"restkv-{backup.Cluster.Value:x}-{revision}.snap\"");
    }

    /// <summary>RFC 9530: of the file, as `sha256sum` would say it in another spelling.</summary>
    private static string DigestText(SnapshotDigests digests) => $"sha-256=:{Convert.ToBase64String(digests.File)}:";

    private static Problem? CheckAccept(HttpRequest request) =>
        request.Headers.Accept.Count == 0 || AcceptHeader.Accepts(request.Headers.Accept, KvHeaders.Binary)
            ? null
            : new Problem(ProblemCatalog.NotAcceptable, "a backup is application/octet-stream") { At = "Accept" };

    [LoggerMessage(EventId = 1060, EventName = "BackupSent", Level = LogLevel.Information,
        Message = "backup of revision {Revision}, log index {Index}, content sha256 {Digest}, sent in {ElapsedMs} ms")]
    private partial void LogSent(long revision, long index, string digest, long elapsedMs);

    [LoggerMessage(EventId = 1061, EventName = "BackupCut", Level = LogLevel.Warning,
        Message = "backup of revision {Revision} was cut off: {Reason}")]
    private partial void LogCut(long revision, string reason);
}

using System.Threading.Channels;

namespace RestKv.Api.Security;

/// <summary>
/// Puts renewed certificates in force: told by the file system, and looking every minute besides, because not every file system
/// tells. Files that cannot be used change nothing; that is said once, and shown by a metric until they can.
/// </summary>
internal sealed partial class TlsReloader(TlsPolicy policy, TimeProvider time, ILogger<TlsReloader> logger) : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(60);

    /// <summary>Certificate and key are two files: whoever replaced the first is given time for the second.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan WarnBeforeMax = TimeSpan.FromDays(30);

    private static readonly TimeSpan WarnAgainAfter = TimeSpan.FromDays(1);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Dictionary<TlsSide, DateTimeOffset> _warnedAt = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sides = policy.Sides.ToArray();
        if (sides.Length == 0)
        {
            return;
        }

        foreach (var side in sides)
        {
            var shown = CertificateFacts.Describe(side.Current.Certificate);
            LogInForce(side.Files.Listener, shown, side.Current.ExpiresAt);
            WarnOfNames(side);
        }

        var watchers = sides.SelectMany(side => side.Files.Folders()).Distinct(StringComparer.Ordinal)
            .Select(TryWatch).OfType<FileSystemWatcher>().ToArray();
        try
        {
            do
            {
                foreach (var side in sides)
                {
                    Look(side);
                }
            }
            while (await WaitAsync(stoppingToken));
        }
        finally
        {
            foreach (var watcher in watchers)
            {
                watcher.Dispose();
            }
        }
    }

    private void Look(TlsSide side)
    {
        var now = time.GetUtcNow();
        switch (side.Reload(now))
        {
            case TlsReload.Renewed:
                var shown = CertificateFacts.Describe(side.Current.Certificate);
                LogRenewed(side.Files.Listener, shown, side.Current.ExpiresAt);
                WarnOfNames(side);
                _warnedAt.Remove(side);
                break;
            case TlsReload.Refused:
                LogNotRenewed(side.Files.Listener, side.Fault!);
                break;
        }

        // A third of the life of certificates that live shortly anyhow.
        var certificate = side.Current.Certificate;
        var life = certificate.NotAfter - certificate.NotBefore;
        var warnBefore = life / 3 < WarnBeforeMax ? life / 3 : WarnBeforeMax;
        if (now > certificate.NotAfter - warnBefore && now - _warnedAt.GetValueOrDefault(side) > WarnAgainAfter)
        {
            _warnedAt[side] = now;
            var text = CertificateFacts.Describe(certificate);
            LogExpires(side.Files.Listener, text, certificate.NotAfter);
        }
    }

    private void WarnOfNames(TlsSide side)
    {
        if (side.Current.Warning is { } warning)
        {
            LogWarning(warning);
        }
    }

    /// <summary>Until something changed, or it is time to look by itself; false when the server stops.</summary>
    private async Task<bool> WaitAsync(CancellationToken stop)
    {
        using var poll = new CancellationTokenSource(PollInterval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(poll.Token, stop);
        try
        {
            await _changes.Reader.WaitToReadAsync(either.Token);
            await Task.Delay(Quiet, time, stop);
            _changes.Reader.TryRead(out _);
        }
        catch (OperationCanceledException)
        {
            // Time to look, or to stop.
        }

        return !stop.IsCancellationRequested;
    }

    private FileSystemWatcher? TryWatch(string folder)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(folder);
            watcher.Changed += (_, _) => _changes.Writer.TryWrite(true);
            watcher.Created += (_, _) => _changes.Writer.TryWrite(true);
            watcher.Renamed += (_, _) => _changes.Writer.TryWrite(true);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception failure) when (failure is IOException or ArgumentException)
        {
            watcher?.Dispose();
            LogNotWatched(folder, failure.Message);
            return null;
        }
    }

    [LoggerMessage(EventId = 1070, EventName = "TlsInForce", Level = LogLevel.Information,
        Message = "{Listener} connections are served with {Certificate}, valid until {Until:u}")]
    private partial void LogInForce(string listener, string certificate, DateTimeOffset until);

    [LoggerMessage(EventId = 1071, EventName = "TlsRenewed", Level = LogLevel.Information,
        Message = "new {Listener} connections are served with {Certificate}, valid until {Until:u}")]
    private partial void LogRenewed(string listener, string certificate, DateTimeOffset until);

    [LoggerMessage(EventId = 1072, EventName = "TlsNotRenewed", Level = LogLevel.Error,
        Message = "the {Listener} certificate was changed and cannot be used, the old one stays in force: {Reason}")]
    private partial void LogNotRenewed(string listener, string reason);

    [LoggerMessage(EventId = 1073, EventName = "TlsExpires", Level = LogLevel.Warning,
        Message = "for {Listener} connections: {Certificate} expires on {Until:u}; renew it")]
    private partial void LogExpires(string listener, string certificate, DateTimeOffset until);

    [LoggerMessage(EventId = 1075, EventName = "TlsWarning", Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(EventId = 1076, EventName = "TlsNotWatched", Level = LogLevel.Debug,
        Message = "changes in {Folder} are found by looking every minute only: {Reason}")]
    private partial void LogNotWatched(string folder, string reason);
}

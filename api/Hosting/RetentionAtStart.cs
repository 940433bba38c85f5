using RestKv.Core.Auth;
using RestKv.Core.Commands;

namespace RestKv.Api.Hosting;

/// <summary>
/// Puts the retention that was configured in force, through the log like every change. What was not configured stays as the
/// cluster has it, so a setting made over the API lasts until a configured one replaces it.
/// </summary>
internal sealed partial class RetentionAtStart(
    INode node,
    NodeOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<RetentionAtStart> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.RetentionRevisions is null && options.RetentionAge is null)
        {
            return;
        }

        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Pause, time);
        while (!await TryApplyAsync(stoppingToken))
        {
            await timer.WaitForNextTickAsync(stoppingToken);
        }
    }

    private async Task<bool> TryApplyAsync(CancellationToken stoppingToken)
    {
        if ((await node.ReadBarrierAsync(Timeout, stoppingToken)).Outcome is not BarrierOutcome.Ok)
        {
            return false;
        }

        var present = node.Status.Retention;
        var wanted = new Retention(
            options.RetentionRevisions ?? present.Revisions,
            options.RetentionAge is { } age ? (long)age.TotalMilliseconds : present.AgeMs);
        if (wanted == present)
        {
            return true;
        }

        var reply = await node.SubmitAsync(
            new Command.SetRetention(wanted), new SubmitOptions("", Timeout) { Credential = Credential.Member }, stoppingToken);
        if (reply.Result is not OperationResult.RetentionSet)
        {
            return false;
        }

        LogRetentionSet(wanted.Revisions, wanted.AgeMs);
        return true;
    }

    [LoggerMessage(EventId = 1050, EventName = "RetentionSet", Level = LogLevel.Information,
        Message = "retention as configured: the newest {Revisions} revisions, and what is younger than {AgeMs} ms")]
    private partial void LogRetentionSet(long revisions, long ageMs);
}

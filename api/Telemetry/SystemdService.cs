using RestKv.Api.Hosting;

namespace RestKv.Api.Telemetry;

/// <summary>
/// Tells systemd that the member is ready once it has answered a linearizable read, then feeds the watchdog as long as it
/// goes on answering them: a member that hangs is started again.
/// </summary>
internal sealed class SystemdService(
    INode node, NodeOptions options, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var systemd = SystemdNotifier.FromEnvironment();
        if (!systemd.IsActive)
        {
            return;
        }

        var watchdog = SystemdNotifier.WatchdogPeriod(Environment.GetEnvironmentVariable("WATCHDOG_USEC"));
        using var stopping = lifetime.ApplicationStopping.Register(systemd.Stopping);
        var isReady = false;
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var barrier = lifetime.ApplicationStarted.IsCancellationRequested
                    ? await node.ReadBarrierAsync(ReadTimeout, stoppingToken)
                    : new BarrierReply(BarrierOutcome.NotReady, null);
                if (barrier.Outcome is not BarrierOutcome.Ok)
                {
                    continue;
                }

                if (isReady)
                {
                    systemd.Watchdog();
                }
                else
                {
                    isReady = true;
                    systemd.Ready($"{options.Name} serves clients");
                    timer.Period = watchdog ?? Timeout.InfiniteTimeSpan;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops; STOPPING=1 has been sent.
        }
    }
}

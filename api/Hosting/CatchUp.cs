namespace RestKv.Api.Hosting;

/// <summary>
/// Finds out when a member that started has caught up: a read barrier that a majority confirms lies at or above everything that
/// was committed before, and is answered only when all of that is applied here. So one answered barrier is the proof.
/// </summary>
internal sealed class CatchUp(ReplicaNode node, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = RunAsync(time.GetTimestamp(), _stop.Token);

    /// <summary>To be called when the replica has stopped, or a barrier that waits may not have ended yet.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(long started, CancellationToken stop)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Pause, time);
        try
        {
            while ((await node.ReadBarrierAsync(Patience, stop)).Outcome is not BarrierOutcome.Ok)
            {
                await timer.WaitForNextTickAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }

        node.CaughtUp();
        HostingLog.CaughtUp(logger, node.View.Revision, (long)time.GetElapsedTime(started).TotalMilliseconds);
    }
}

using RestKv.Core.Replication;
using RestKv.Storage;

namespace RestKv.Api.Hosting;

/// <summary>
/// Keeps the next log segment ready, and the reserve filled, ahead of need and off every hot path; tells the replica when
/// the disk runs short of space and when it no longer does.
/// </summary>
internal sealed class MaintenanceWorker(
    ReplicaStore store, ReplicaMailbox mailbox, TimeProvider time, Action<Exception> onFault) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualResetEventSlim _ended = new(true);
    private Task _running = Task.CompletedTask;
    private bool _isShort;

    /// <summary>Whether it may still use the store.</summary>
    public bool IsRunning => !_ended.IsSet;

    public void Start()
    {
        _ended.Reset();
        _running = RunAsync(_stop.Token);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>Stops it, if nobody has, and waits: the store is closed next.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _ended.Wait();
        _stop.Dispose();
        _ended.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                store.Maintain();
                ReportSpace();
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
        catch (Exception fault)
        {
            onFault(fault);
        }
        finally
        {
            _ended.Set();
        }
    }

    private void ReportSpace()
    {
        if (store.Space.IsShort != _isShort)
        {
            _isShort = store.Space.IsShort;
            mailbox.Post(ReplicaEvent.NoSpace(_isShort));
        }
    }
}

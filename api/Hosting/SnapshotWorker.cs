using System.Diagnostics;
using RestKv.Core;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Api.Hosting;

/// <summary>
/// Writes one snapshot at a time from an immutable image, beside everything else, and then lets the log go that it covers.
/// A failed snapshot costs nothing but the log's length: it is reported and tried again when the next is due. So a stop does not
/// wait for one either: the next start replays a longer log.
/// </summary>
/// <param name="stop">Gives up the snapshot that is being written.</param>
internal sealed class SnapshotWorker(
    ReplicaStore store, ReplicaMailbox mailbox, ILogger logger, Action<Exception> onFault, Action<TimeSpan, long> onSaved,
    CancellationToken stop)
    : IDisposable
{
    private readonly ManualResetEventSlim _idle = new(true);
    private Task _saving = Task.CompletedTask;

    /// <summary>Starts writing. The replica asks for the next only after it was told of the end of this one.</summary>
    public void Save(MachineImage image, SnapshotMark mark, bool isUrgent)
    {
        _idle.Reset();
        _saving = Task.Factory.StartNew(
            () => Write(image, mark, isUrgent), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits for the end of one that was given up. To be called when the replica has stopped: before, one may still begin.</summary>
    public Task StopAsync() => _saving;

    /// <summary>As above, where nothing can be awaited.</summary>
    public void Dispose()
    {
        _idle.Wait();
        _idle.Dispose();
    }

    private void Write(MachineImage image, SnapshotMark mark, bool isUrgent)
    {
        var bytes = -1L;
        try
        {
            var started = Stopwatch.GetTimestamp();
            using (var writer = store.CreateSnapshot(mark, isUrgent, stop))
            {
                SnapshotCodec.Write(image, writer);
                bytes = writer.Complete().DataBytes;
            }

            store.SnapshotSaved(mark, mark.Index.Next);
            var elapsed = Stopwatch.GetElapsedTime(started);
            onSaved(elapsed, bytes);
            HostingLog.SnapshotSaved(logger, mark.Index.Value, mark.Term.Value, bytes, (long)elapsed.TotalMilliseconds);
        }
        catch (StorageIoException fault) when (fault.IsNoSpace)
        {
            HostingLog.SnapshotFailed(logger, mark.Index.Value, fault.Message);
        }
        catch (OperationCanceledException)
        {
            HostingLog.SnapshotGivenUp(logger, mark.Index.Value);
        }
        catch (Exception fault)
        {
            onFault(fault);
        }
        finally
        {
            mailbox.Post(ReplicaEvent.SnapshotSaved(mark.Index, bytes));
            _idle.Set();
        }
    }
}

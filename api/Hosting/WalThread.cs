using System.Collections.Concurrent;
using System.Diagnostics;
using RestKv.Core.Replication;
using RestKv.Storage;
using RestKv.Storage.Wal;

namespace RestKv.Api.Hosting;

/// <summary>
/// Group commit: takes all batches that wait, writes and syncs them as one, then tells the replica how far the disk is.
/// While one sync runs the next batches pile up, so no timer is needed. A failed sync ends the process: nothing that
/// waited for it is ever acknowledged.
/// </summary>
internal sealed class WalThread : IDisposable
{
    private const int BatchesPerFlushMax = 1024;
    private const int PendingBytesMax = 4 << 20;
    private const int NoSpaceRetryMs = 200;
    private readonly WalWriter _wal;
    private readonly ReplicaMailbox _mailbox;
    private readonly Action<Exception> _onFault;
    private readonly Action<TimeSpan, int> _onFlush;
    private readonly ConcurrentQueue<PersistBatch> _queue = new();
    private readonly Doorbell _bell = new();
    private readonly Func<bool> _hasWork;
    private readonly Thread _thread;
    private volatile bool _isStopping;

    /// <param name="onFlush">Told of each sync: seconds taken and batches merged.</param>
    public WalThread(ReplicaStore store, ReplicaMailbox mailbox, Action<Exception> onFault, Action<TimeSpan, int> onFlush)
    {
        _wal = store.Log;
        _mailbox = mailbox;
        _onFault = onFault;
        _onFlush = onFlush;
        _hasWork = () => !_queue.IsEmpty || _isStopping;
        _thread = new Thread(Run) { IsBackground = true, Name = "wal" };
    }

    public void Start() => _thread.Start();

    public void Post(PersistBatch batch)
    {
        _queue.Enqueue(batch);
        _bell.Ring();
    }

    /// <summary>Writes what is still waiting, then ends.</summary>
    public void Stop()
    {
        _isStopping = true;
        _bell.Ring();

        if (_thread.IsAlive)
        {
            _thread.Join();
        }
    }

    public void Dispose()
    {
        Stop();
        _bell.Dispose();
    }

    private void Run()
    {
        try
        {
            Loop();
        }
        catch (Exception fault)
        {
            _onFault(fault);
        }
    }

    private void Loop()
    {
        var batches = new List<PersistBatch>();
        while (true)
        {
            while (batches.Count < BatchesPerFlushMax && _queue.TryDequeue(out var batch))
            {
                batches.Add(batch);
            }

            if (batches.Count > 0)
            {
                if (!TryWrite(batches))
                {
                    return;
                }

                batches.Clear();
            }
            else if (_isStopping)
            {
                return;
            }
            else
            {
                _bell.Sleep(_hasWork, Timeout.Infinite);
            }
        }
    }

    /// <summary>False when the thread is to stop while the disk is full: then nothing is said about these batches.</summary>
    private bool TryWrite(List<PersistBatch> batches)
    {
        var started = Stopwatch.GetTimestamp();
        var needsFlush = false;
        foreach (var batch in batches)
        {
            _wal.Append(batch);
            needsFlush |= batch.NeedsFlush;
            if (_wal.PendingBytes >= PendingBytesMax)
            {
                if (!TryFlush())
                {
                    return false;
                }

                needsFlush = false;
            }
        }

        if (needsFlush && !TryFlush())
        {
            return false;
        }

        _onFlush(Stopwatch.GetElapsedTime(started), batches.Count);
        _mailbox.Post(ReplicaEvent.Persisted(batches[^1].Mark));
        return true;
    }

    /// <summary>
    /// A log that cannot grow because the disk is full has lost nothing: what was appended waits, new writes that take
    /// space are refused meanwhile (<see cref="MaintenanceWorker"/> tells the replica), and the log goes on as soon as there
    /// is room. A stop meanwhile is a clean one: what waits was never acknowledged, and the log on disk is whole.
    /// </summary>
    private bool TryFlush()
    {
        while (true)
        {
            try
            {
                _wal.Flush();
                return true;
            }
            catch (StorageIoException fault) when (fault.IsNoSpace && !_wal.IsPoisoned)
            {
                if (_isStopping)
                {
                    return false;
                }

                _bell.Sleep(static () => false, NoSpaceRetryMs);
            }
        }
    }
}

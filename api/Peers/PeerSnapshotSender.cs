using System.Buffers.Binary;
using System.Diagnostics;
using Polly;
using Polly.Retry;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage;
using RestKv.Storage.Snapshots;

namespace RestKv.Api.Peers;

/// <summary>
/// Sends snapshot files to members that are too far behind for entries, each on a connection of its own. A transfer that breaks
/// off is tried again and goes on where the receiver got to. Whatever happens, the replica is told the end, once. The file stays
/// open meanwhile, so newer snapshots may take its name away and not its bytes.
/// </summary>
internal sealed class PeerSnapshotSender : IDisposable
{
    private const int RetriesMax = 4;

    /// <summary>Neither a byte taken nor a sign of work for so long: the receiver is gone or stuck.</summary>
    private static readonly TimeSpan StallMax = TimeSpan.FromSeconds(15);

    private readonly PeerNet _net;
    private readonly ReplicaStore _store;
    private readonly ResiliencePipeline _retrying;
    private readonly CancellationTokenSource _stop = new();

    // A lock and not a queue: begins and ends of transfers are rare, and the stop wants them all.
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    public PeerSnapshotSender(PeerNet net, ReplicaStore store)
    {
        (_net, _store) = (net, store);
        _retrying = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>().Handle<IOException>(),
            MaxRetryAttempts = RetriesMax,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromMilliseconds(200),
        }).Build();
    }

    /// <summary>Begins and returns. Called by the replica thread, for one snapshot a peer at a time.</summary>
    public void Send(NodeId peer, LogIndex atLeast)
    {
        lock (_gate)
        {
            _running.RemoveWhere(task => task.IsCompleted);
            _running.Add(SendAsync(peer, atLeast, _stop.Token));
        }
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        Task[] running;
        lock (_gate)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task SendAsync(NodeId peer, LogIndex atLeast, CancellationToken stop)
    {
        await Task.Yield();
        var started = Stopwatch.GetTimestamp();
        var index = atLeast.Value;
        var isTaken = false;
        try
        {
            using var file = _store.OpenSnapshotBytes(atLeast) ?? throw new PeerRefusedException("there is none any more");
            index = file.Index.Value;
            PeerLog.SnapshotOffered(_net.Logger, peer.ToString(), index, file.Length);
            await _retrying.ExecuteAsync(cancellation => TransferAsync(peer, file, cancellation), stop);
            isTaken = true;
            PeerLog.SnapshotTaken(_net.Logger, peer.ToString(), index, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or StorageIoException or OperationCanceledException)
        {
            PeerLog.SnapshotNotTaken(_net.Logger, peer.ToString(), index, fault.Message);
        }
        finally
        {
            _net.Post(ReplicaEvent.SnapshotSent(peer, isTaken));
        }
    }

    private async ValueTask TransferAsync(NodeId peer, SnapshotFileBytes file, CancellationToken stop)
    {
        var address = _net.Directory.Find(peer) ?? throw new PeerRefusedException("its address is not known");
        using var life = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var from = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var offer = new PeerSnapshotOffer(file.Index, file.Term, file.Length);
        var hello = PeerHello.Of(_net.Self, peer, PeerPurpose.Snapshot).Encode();
        using var content = new PeerSnapshotContent(
            hello, offer, file, from.Task, _net.CountersOf(peer), () => life.CancelAfter(StallMax));
        try
        {
            using var connection = await PeerConnection.OpenAsync(
                address.Urls[0], PeerPaths.Snapshot, content, _net.Security, life.Token);
            life.CancelAfter(StallMax);
            from.SetResult(await ReadOffsetAsync(connection.Answer, offer, life.Token));
            await UntilTakenAsync(connection.Answer, life);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new PeerRefusedException($"it stood still for {StallMax.TotalSeconds} s");
        }
        finally
        {
            from.TrySetCanceled(CancellationToken.None);
        }
    }

    private static async Task<long> ReadOffsetAsync(Stream answer, PeerSnapshotOffer offer, CancellationToken cancellationToken)
    {
        var bytes = new byte[sizeof(long)];
        await answer.ReadExactlyAsync(bytes, cancellationToken);
        var offset = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return offset >= 0 && offset <= offer.Bytes ? offset : throw new PeerRefusedException($"it asked for offset {offset}");
    }

    private static async Task UntilTakenAsync(Stream answer, CancellationTokenSource life)
    {
        var signal = new byte[1];
        do
        {
            await answer.ReadExactlyAsync(signal, life.Token);
            life.CancelAfter(StallMax);
        }
        while (signal[0] == (byte)PeerSnapshotSignal.Working);
        if (signal[0] != (byte)PeerSnapshotSignal.Taken)
        {
            throw new PeerRefusedException("it could not be kept; the log of the member says why");
        }
    }
}

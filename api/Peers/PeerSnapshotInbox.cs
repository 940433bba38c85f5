using System.Buffers.Binary;
using RestKv.Core;
using RestKv.Core.Replication;
using RestKv.Storage;
using RestKv.Storage.Snapshots;

namespace RestKv.Api.Peers;

/// <summary>
/// Takes snapshots from the leader: keeps the bytes aside, goes on where a broken transfer ended, proves the whole, builds the
/// state and hands it to the replica. One at a time; a newer offer ends an older one, for it comes from a newer leader or is
/// the same once more.
/// </summary>
internal sealed class PeerSnapshotInbox(PeerNet net, ReplicaStore store, Action<Exception> onFault) : IDisposable
{
    private const int BytesPerRead = 256 << 10;
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SignalPause = TimeSpan.FromSeconds(1);

    // Whoever holds it works on the part; a lock that can be awaited, because a transfer takes its time.
    private readonly SemaphoreSlim _turn = new(1, 1);

    // A lock and not a queue: whoever ends an older transfer must not meet a source that was disposed in between.
    private readonly Lock _gate = new();
    private CancellationTokenSource? _current;
    private SnapshotReceiver? _part;
    private PeerSnapshotOffer _offer;

    public async Task ServeAsync(HttpContext context, CancellationToken stop)
    {
        using var life = CancellationTokenSource.CreateLinkedTokenSource(stop, context.RequestAborted);
        if (IsUnjudged)
        {
            await PeerGreeting.RefuseAsync(
                context, StatusCodes.Status503ServiceUnavailable, "it has just started and takes no part yet", life.Token);
            return;
        }

        var reader = new PeerFrameReader(context.Request.Body);
        if (await PeerGreeting.ReceiveAsync(context, reader, isForSnapshot: true, net, life.Token) is not { } hello)
        {
            return;
        }

        // The bytes of the file come when they are asked for: what came sooner would be in the wrong buffer.
        if (!await reader.ReadAsync(life.Token) || !PeerSnapshotOffer.TryDecode(reader.Payload, out var offer) || reader.HasMore)
        {
            PeerGreeting.Cut(context, net, "no offer of a snapshot");
            return;
        }

        Replace(life);
        try
        {
            await TakeTurnAsync(context, hello, offer, life);
        }
        finally
        {
            Leave(life);
        }
    }

    public void Dispose()
    {
        _part?.Dispose();
        _turn.Dispose();
    }

    /// <summary>
    /// Nothing of consensus is written before the others have judged what the disk held at the start: they would judge something
    /// else. The sender tries again. Whoever has lost what it promised is refused for good, by the greeting.
    /// </summary>
    private bool IsUnjudged => !net.Standing.TakesPart && net.Standing.Loss is null;

    private void Replace(CancellationTokenSource life)
    {
        lock (_gate)
        {
            _current?.Cancel();
            _current = life;
        }
    }

    private void Leave(CancellationTokenSource life)
    {
        lock (_gate)
        {
            _current = _current == life ? null : _current;
        }
    }

    private async Task TakeTurnAsync(HttpContext context, PeerHello hello, PeerSnapshotOffer offer, CancellationTokenSource life)
    {
        await _turn.WaitAsync(life.Token);
        try
        {
            await TakeAsync(context, hello, offer, life);
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            PeerLog.SnapshotBrokeOff(net.Logger, hello.From.ToString(), offer.Index.Value, fault.Message);
        }
        catch (StorageIoException fault)
        {
            PeerLog.SnapshotBrokeOff(net.Logger, hello.From.ToString(), offer.Index.Value, fault.Message);
            _part?.Dispose();
            _part = null;
            if (!fault.IsNoSpace)
            {
                onFault(fault);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task TakeAsync(HttpContext context, PeerHello hello, PeerSnapshotOffer offer, CancellationTokenSource life)
    {
        // 1. Where a broken transfer of the same file got to, or the beginning.
        if (_part is null || _offer != offer)
        {
            _part?.Dispose();
            (_part, _offer) = (store.ReceiveSnapshot(), offer);
        }

        PeerLog.SnapshotComing(net.Logger, hello.From.ToString(), offer.Index.Value, offer.Bytes, _part.Offset);
        var answer = context.Response.Body;
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, _part.Offset);
        await answer.WriteAsync(bytes, life.Token);
        await answer.FlushAsync(life.Token);

        // 2. The bytes.
        await ReceiveAsync(context.Request.Body, _part, offer.Bytes, life);

        // 3. The proof and the state: seconds for a large one, so not on a thread that others need.
        var part = _part;
        _part = null;
        var installing = Task.Factory.StartNew(
            () => Install(part, offer), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            while (await Task.WhenAny(installing, Task.Delay(SignalPause, life.Token)) != installing)
            {
                await SignalAsync(answer, PeerSnapshotSignal.Working, life.Token);
            }
        }
        finally
        {
            // What has come this far is used, whether or not the sender is still there to hear it.
            await installing;
        }

        await SignalAsync(answer, await installing, life.Token);
    }

    private static async Task ReceiveAsync(Stream body, SnapshotReceiver part, long length, CancellationTokenSource life)
    {
        var buffer = new byte[BytesPerRead];
        while (part.Offset < length)
        {
            life.CancelAfter(SilenceMax);
            var wanted = (int)Math.Min(buffer.Length, length - part.Offset);
            var count = await body.ReadAsync(buffer.AsMemory(0, wanted), life.Token);
            if (count == 0)
            {
                throw new EndOfStreamException("the connection ended");
            }

            part.Write(buffer.AsSpan(0, count));
        }

        life.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <summary>The replica has it before the leader is told: what the leader sends next builds on it.</summary>
    private PeerSnapshotSignal Install(SnapshotReceiver part, PeerSnapshotOffer offer)
    {
        try
        {
            using (part)
            {
                // It may have been told meanwhile that it has lost what it promised.
                if (!net.Standing.TakesPart)
                {
                    PeerLog.SnapshotBrokeOff(net.Logger, "", offer.Index.Value, "this member takes no part");
                    return PeerSnapshotSignal.NotTaken;
                }

                var mark = part.Complete();
                using var source = store.OpenSnapshot(mark.Index, mark.Term)
                    ?? throw new SnapshotCorruptException(mark.ToString(), 0, "it was replaced before it was read");
                net.Post(ReplicaEvent.SnapshotArrived(mark, SnapshotCodec.Read(source, new MachineOptions())));
                return PeerSnapshotSignal.Taken;
            }
        }
        catch (SnapshotCorruptException damage)
        {
            PeerLog.SnapshotBrokeOff(net.Logger, "", offer.Index.Value, damage.Message);
            return PeerSnapshotSignal.NotTaken;
        }
        catch (StorageIoException fault) when (fault.IsNoSpace)
        {
            PeerLog.SnapshotBrokeOff(net.Logger, "", offer.Index.Value, fault.Message);
            return PeerSnapshotSignal.NotTaken;
        }
        catch (Exception fault)
        {
            // A failing disk: the process ends.
            onFault(fault);
            return PeerSnapshotSignal.NotTaken;
        }
    }

    private static async Task SignalAsync(Stream answer, PeerSnapshotSignal signal, CancellationToken cancellationToken)
    {
        await answer.WriteAsync(new[] { (byte)signal }, cancellationToken);
        await answer.FlushAsync(cancellationToken);
    }
}

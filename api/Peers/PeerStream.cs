using Polly;
using Polly.Retry;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>
/// One direction of one purpose to one peer: keeps a connection up and writes to it what the outbox holds. Connecting is tried
/// again and again with growing, jittered pauses; what was written is never written again, that is for consensus to judge.
/// </summary>
internal sealed class PeerStream : IDisposable
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMilliseconds(500);
    private readonly PeerNet _net;
    private readonly NodeId _peer;
    private readonly PeerPurpose _purpose;
    private readonly PeerCounters _counters;
    private readonly PeerOutbox _outbox;
    private readonly ResiliencePipeline<PeerConnection> _connecting;
    private readonly CancellationTokenSource _stop = new();

    // A lock and not a queue: whoever hurries must not meet a source that was disposed in between.
    private readonly Lock _gate = new();
    private CancellationTokenSource? _pause;
    private Task _running = Task.CompletedTask;
    private Task? _stopping;
    private PeerStreamContent? _content;
    private string? _reported;
    private int _attempts;
    private volatile bool _isPausing;
    private volatile bool _isConnected;

    public PeerStream(PeerNet net, NodeId peer, PeerPurpose purpose, PeerOutbox outbox)
    {
        (_net, _peer, _purpose, _outbox) = (net, peer, purpose, outbox);
        _counters = net.CountersOf(peer);
        _connecting = new ResiliencePipelineBuilder<PeerConnection>().AddRetry(new RetryStrategyOptions<PeerConnection>
        {
            ShouldHandle = new PredicateBuilder<PeerConnection>().Handle<HttpRequestException>().Handle<IOException>(),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = PauseMin,
            MaxDelay = PauseMax,
            OnRetry = attempt =>
            {
                ReportUnreachable(attempt.Outcome.Exception);
                _isPausing = true;
                return ValueTask.CompletedTask;
            },
        }).Build();
    }

    public PeerOutbox Outbox => _outbox;

    public bool IsConnected => _isConnected;

    public void Start() => _running = RunAsync(_stop.Token);

    /// <summary>The peer showed a sign of life: no more waiting for the next attempt.</summary>
    public void Hurry()
    {
        lock (_gate)
        {
            if (_isPausing)
            {
                _pause?.Cancel();
            }
        }
    }

    /// <summary>Asks it to end and does not wait.</summary>
    public void BeginStop() => _stopping ??= _stop.CancelAsync();

    public async Task StopAsync()
    {
        BeginStop();
        await Invariant.NotNull(_stopping);
        await _running;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        await Task.Yield();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                using var connection = await ConnectAsync(stop);
                await ServeAsync(connection, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task<PeerConnection> ConnectAsync(CancellationToken stop)
    {
        while (true)
        {
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(stop);
            lock (_gate)
            {
                _pause = pause;
            }

            try
            {
                return await _connecting.ExecuteAsync(AttemptAsync, pause.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // Hurried: the next attempt is now.
            }
            finally
            {
                lock (_gate)
                {
                    _pause = null;
                }
            }
        }
    }

    private async ValueTask<PeerConnection> AttemptAsync(CancellationToken cancellationToken)
    {
        _isPausing = false;
        if (_net.Standing.Loss is { } loss)
        {
            throw new PeerRefusedException(loss.Reason);
        }

        var address = _net.Directory.Find(_peer) ?? throw new PeerRefusedException("its address is not known");
        var url = address.Urls[_attempts++ % address.Urls.Count];
        var hello = PeerHello.Of(_net.Self, _peer, _purpose);
        _content = new PeerStreamContent(hello.Encode(), _outbox, _counters, ReportTooLarge);
        try
        {
            var connection = await PeerConnection.OpenAsync(url, PeerPaths.Stream, _content, _net.Security, cancellationToken);
            _net.Standing.Accepted(_peer);
            return connection;
        }
        catch (PeerRefusedException refused) when (refused.Kind != PeerRefusalKind.Stranger)
        {
            _net.Standing.Lose(new PeerRefusal(refused.Kind, refused.Message));
            throw;
        }
    }

    private async Task ServeAsync(PeerConnection connection, CancellationToken stop)
    {
        _outbox.Open();
        _isConnected = true;
        _reported = null;
        _counters.Connected();
        PeerLog.Connected(_net.Logger, _peer.ToString(), connection.Address.Authority, _purpose);
        var answer = ReadToEndAsync(connection.Answer, stop);
        await Task.WhenAny(answer, Invariant.NotNull(_content).Ended);

        // Whichever half ended first, the other half ends with the connection.
        connection.Dispose();
        _isConnected = false;
        _outbox.Close();
        var reason = await answer;
        if (!stop.IsCancellationRequested)
        {
            PeerLog.Lost(_net.Logger, _peer.ToString(), _purpose, reason);
            _net.ReportLoss(_peer);
        }
    }

    /// <summary>The peer writes nothing back: all there is to read is the end, and why.</summary>
    private static async Task<string> ReadToEndAsync(Stream answer, CancellationToken stop)
    {
        var buffer = new byte[64];
        try
        {
            while (await answer.ReadAsync(buffer, stop) > 0)
            {
            }

            return "it closed the connection";
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            return fault.InnerException?.Message ?? fault.Message;
        }
    }

    /// <summary>Once for each reason, not once for each attempt.</summary>
    private void ReportUnreachable(Exception? fault)
    {
        var reason = fault?.Message ?? "unknown";
        if (reason != _reported)
        {
            _reported = reason;
            PeerLog.Unreachable(_net.Logger, _peer.ToString(), _purpose, reason);
        }
    }

    private void ReportTooLarge(Message message) =>
        PeerLog.TooLarge(_net.Logger, _peer.ToString(), MessageCodec.Measure(message));
}

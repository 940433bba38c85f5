using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Cli.Import;

/// <summary>
/// Applies what happens at the source, in its order and never a part of a revision alone. Who is close behind writes each revision as
/// a transaction of its own; who is far behind joins those that have come already, each key in its last state. Owned by the main task.
/// </summary>
internal sealed class SourceFollower(
    EtcdClient source, TargetWriter writer, LeaseMirror leases, ImportOptions options, ImportReport report, TimeProvider time)
{
    private const int TokensMax = 5;

    /// <summary>
    /// etcd before 3.4.25 and 3.5.8 may tell progress before the changes it speaks of, so one answer proves little and a second, with
    /// nothing in between, more. What is still missing then is found by the comparison.
    /// </summary>
    private const int QuietAnswersMin = 2;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(2);

    private readonly List<Event> _revision = [];
    private readonly Dictionary<ByteString, Event> _batch = [];
    private int _batchBytes;
    private long _batchThrough;
    private int _quietAnswers;
    private bool _isBeyond;
    private long _until;
    private long _told;

    /// <summary>The first revision whose changes may be missing in the target.</summary>
    public long Next { get; private set; }

    /// <summary>The revision to cut over at; 0 as long as nobody knows.</summary>
    public long Until => Volatile.Read(ref _until);

    public async Task<FollowEnd> FollowAsync(long from, StopRequest stop, CancellationToken cancellationToken)
    {
        Next = from;
        (_isBeyond, _told) = (false, from - 1);
        Volatile.Write(ref _until, options.UntilRevision == 0 ? 0 : Math.Max(options.UntilRevision, from - 1));
        for (var refusals = 0; ;)
        {
            Reset();
            try
            {
                return await WatchAsync(stop, cancellationToken);
            }
            catch (CallFailure failure) when (failure.IsTokenRefused && ++refusals < TokensMax)
            {
                source.Leave();
            }
            catch (CallFailure failure) when (failure.IsTransient)
            {
                report.Trouble(source.Side.Name, failure.Message);
                source.Leave();
            }
            catch (CallFailure failure) when (failure.IsLeaseGone)
            {
                return FollowEnd.StartOver; // a lease of the target is gone
            }

            await Task.Delay(Tick, time, cancellationToken);
        }
    }

    private async Task<FollowEnd> WatchAsync(StopRequest stop, CancellationToken cancellationToken)
    {
        var create = new WatchCreateRequest
        {
            Key = KeyMap.StartOf(options.Keys.Covering),
            RangeEnd = KeyMap.EndOf(options.Keys.Covering),
            StartRevision = Next,
            Fragment = true,
        };
        await using var watch = await source.WatchAsync(create, cancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asking = AskAsync(watch, stop, ended.Token);
        var reading = ReadAsync(watch, ended.Token);
        var first = await Task.WhenAny(asking, reading);
        await ended.CancelAsync();
        await Task.WhenAll(asking, reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first == asking)
        {
            await asking;
        }

        return await reading;
    }

    /// <summary>Asks how far the source is, and what of it has been sent, until it is cancelled.</summary>
    private async Task AskAsync(OpenCall watch, StopRequest stop, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        do
        {
            var (isAsked, seen) = (stop.IsAsked, Next - 1);
            var newest = await source.RevisionAsync(options.Keys.Sources[0], cancellationToken);
            if (newest < seen)
            {
                throw new ImportFailure(ExitCodes.Failed, $"the source went back from revision {seen} to {newest}");
            }

            if (isAsked && (Until == 0 || Until > newest))
            {
                Volatile.Write(ref _until, newest);
            }

            report.Following(Volatile.Read(ref _told), newest);
            await watch.SendAsync(new WatchRequest { ProgressRequest = new WatchProgressRequest() }, cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task<FollowEnd> ReadAsync(OpenCall watch, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (true)
        {
            WatchResponse response;
            try
            {
                patience.CancelAfter(SilenceMax);
                response = await watch.ReadAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new CallFailure(GrpcCode.Unavailable, $"nothing came from the source for {SilenceMax.TotalSeconds:F0} s");
            }

            do
            {
                if (response.Canceled)
                {
                    return Ended(response);
                }

                await TakeAsync(response, cancellationToken);
            }
            while (watch.TryRead(out response));

            await WriteAsync(cancellationToken);
            if (leases.IsOneLost)
            {
                return FollowEnd.StartOver;
            }

            if (Until > 0 && (_isBeyond || Next > Until || _quietAnswers >= QuietAnswersMin))
            {
                return FollowEnd.Reached;
            }
        }
    }

    private FollowEnd Ended(WatchResponse response)
    {
        if (response.CompactRevision > 0)
        {
            report.Say($"the source has compacted up to revision {response.CompactRevision}, and we had seen {Next - 1}");
            return FollowEnd.StartOver;
        }

        var failure = new CallFailure(GrpcCode.PermissionDenied, response.CancelReason);
        throw failure.IsTokenRefused
            ? failure
            : new ImportFailure(ExitCodes.Failed, $"the source refuses to be watched: {response.CancelReason}");
    }

    private async Task TakeAsync(WatchResponse response, CancellationToken cancellationToken)
    {
        foreach (var change in response.Events)
        {
            if (change.Kv.ModRevision < Next)
            {
                continue; // was there before the connection broke
            }

            if (_revision.Count > 0 && _revision[0].Kv.ModRevision != change.Kv.ModRevision)
            {
                await CloseRevisionAsync(cancellationToken);
            }

            _revision.Add(change);
        }

        if (response.Events.Count > 0)
        {
            _quietAnswers = 0;
            if (!response.Fragment && _revision.Count > 0)
            {
                await CloseRevisionAsync(cancellationToken);
            }
        }
        else if (!response.Created)
        {
            Volatile.Write(ref _told, Math.Max(_told, response.Header.Revision));
            _quietAnswers = Until > 0 && response.Header.Revision >= Until ? _quietAnswers + 1 : 0;
        }
    }

    /// <summary>Takes a whole revision into the batch, unless it belongs to the time after the cut.</summary>
    private async Task CloseRevisionAsync(CancellationToken cancellationToken)
    {
        var revision = _revision[0].Kv.ModRevision;
        _isBeyond |= Until > 0 && revision > Until;
        if (!_isBeyond)
        {
            var ours = _revision.Where(change => options.Keys.Covers(change.Kv.Key)).ToList();
            var bytes = ours.Sum(change => change.Kv.Key.Length + change.Kv.Value.Length);
            if (_batch.Count > 0
                && (_batch.Count + ours.Count > TargetWriter.OperationsMax || _batchBytes + bytes > TargetWriter.BytesMax))
            {
                await WriteAsync(cancellationToken);
            }

            foreach (var change in ours)
            {
                _batch[change.Kv.Key] = change;
            }

            (_batchBytes, _batchThrough) = (_batchBytes + bytes, revision);
        }

        _revision.Clear();
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (_batchThrough < Next)
        {
            return;
        }

        if (_batch.Count > 0)
        {
            var changes = new List<KeyChange>(_batch.Count);
            foreach (var change in _batch.Values)
            {
                var key = options.Keys.ToTarget(change.Kv.Key);
                changes.Add(change.Type == Event.Types.EventType.Delete
                    ? new KeyChange(key, null, 0)
                    : new KeyChange(key, change.Kv.Value, await leases.OfAsync(change.Kv.Lease, cancellationToken)));
            }

            await writer.WriteAsync(changes, cancellationToken);
        }

        Next = _batchThrough + 1;
        Volatile.Write(ref _told, Math.Max(_told, _batchThrough));
        _batch.Clear();
        _batchBytes = 0;
    }

    private void Reset()
    {
        _revision.Clear();
        _batch.Clear();
        (_batchBytes, _batchThrough, _quietAnswers) = (0, 0, 0);
    }
}

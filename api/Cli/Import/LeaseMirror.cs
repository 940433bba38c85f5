using System.Collections.Concurrent;
using RestKv.Api.Etcd;

namespace RestKv.Api.Cli.Import;

/// <summary>
/// Leases of the target for those of the source, under the same ids. While the import runs they live as long as the source's:
/// who keeps one alive does so at the source. Used by the import's main task and by one that keeps leases alive.
/// </summary>
internal sealed class LeaseMirror(EtcdClient source, EtcdClient target, ImportReport report, TimeProvider time)
{
    /// <summary>
    /// Up to here a lease is somebody's sign of life and gets all of its time again, as etcd does when its leader changes. A longer
    /// one is more likely a date, and gets the time it has left.
    /// </summary>
    private const long SessionSecondsMax = 600;

    /// <summary>A date is kept alive when it has moved, and rounding to seconds is no move.</summary>
    private const int DateSlackSeconds = 5;

    private const int CallsMax = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<long, MirroredLease> _leases = new();
    private volatile bool _isOneLost;

    public int Count => _leases.Count;

    /// <summary>A lease ended in the target while it lived in the source, and its keys with it.</summary>
    public bool IsOneLost => _isOneLost;

    /// <summary>The lease of the target for one of the source; 0 when it has ended, and its keys are about to.</summary>
    public async ValueTask<long> OfAsync(long id, CancellationToken cancellationToken)
    {
        if (id == 0 || _leases.ContainsKey(id))
        {
            return id;
        }

        var theirs = await source.TimeToLiveAsync(id, cancellationToken);
        if (theirs.TTL < 0)
        {
            return 0;
        }

        var asked = time.GetTimestamp();
        var isDate = theirs.GrantedTTL > SessionSecondsMax;
        var seconds = isDate ? Math.Max(1, theirs.TTL) : theirs.GrantedTTL;
        try
        {
            seconds = (await target.GrantAsync(id, seconds, cancellationToken)).TTL;
        }
        catch (CallFailure failure) when (failure.Code == GrpcCode.FailedPrecondition)
        {
            // There is one already: of an import before this one, or of this call when it was sent twice.
            seconds = await target.KeepAliveAsync(id, cancellationToken);
        }

        Remember(id, asked, seconds, isDate);
        return id;
    }

    /// <summary>Before a copy: what is not there any more is granted again.</summary>
    public async Task ForgetLostAsync(CancellationToken cancellationToken)
    {
        _isOneLost = false;
        foreach (var id in _leases.Keys)
        {
            if ((await target.TimeToLiveAsync(id, cancellationToken)).TTL < 0)
            {
                _leases.TryRemove(id, out _);
            }
        }
    }

    /// <summary>Keeps leases alive until it is cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var now = time.GetTimestamp();
            var due = _leases.Values.Where(lease => lease.LookAt <= now).ToArray();
            try
            {
                await Parallel.ForEachAsync(
                    due,
                    new ParallelOptions { MaxDegreeOfParallelism = CallsMax, CancellationToken = cancellationToken },
                    (lease, stopped) => LookAsync(lease, stopped));
            }
            catch (Exception failure) when (failure is CallFailure or ImportFailure)
            {
                // The main task meets the same trouble, and judges it.
                report.Trouble("leases", failure.Message);
            }
        }
    }

    private async ValueTask LookAsync(MirroredLease lease, CancellationToken cancellationToken)
    {
        var theirs = await source.TimeToLiveAsync(lease.Id, cancellationToken);
        if (theirs.TTL < 0)
        {
            // Its keys are deleted by the changes that follow; the lease runs out by itself.
            _leases.TryRemove(lease.Id, out _);
            return;
        }

        var now = time.GetTimestamp();
        var slack = lease.IsDate ? DateSlackSeconds : -1;
        if (SecondsUntil(lease.EndsAt, now) + slack > theirs.TTL)
        {
            _leases[lease.Id] = lease with { LookAt = LookAfter(now, theirs.TTL) };
            return;
        }

        var seconds = await target.KeepAliveAsync(lease.Id, cancellationToken);
        if (seconds == 0)
        {
            _isOneLost = true;
            return;
        }

        Remember(lease.Id, now, seconds, lease.IsDate);
    }

    private void Remember(long id, long asked, long seconds, bool isDate) =>
        _leases[id] = new MirroredLease(id, asked + (seconds * time.TimestampFrequency), LookAfter(asked, seconds), isDate);

    private long LookAfter(long now, long secondsLeft) =>
        now + Math.Min(secondsLeft * time.TimestampFrequency / 3, (long)SessionSecondsMax * time.TimestampFrequency);

    private double SecondsUntil(long moment, long now) => (double)(moment - now) / time.TimestampFrequency;
}

using System.Globalization;

namespace RestKv.Api.Cli.Import;

/// <summary>
/// An import from its first question to the verdict: a copy at one revision, the changes since, and a comparison of every key. A new
/// copy is a comparison whose differences are written, so it repeats nothing and leaves nothing behind.
/// </summary>
internal sealed class ImportRun : IDisposable
{
    private const int CopiesMax = 10;
    private const int ComparisonsMax = 3;
    private const int ListedMax = 20;

    private readonly ImportOptions _options;
    private readonly ImportReport _report;
    private readonly EtcdClient _source;
    private readonly EtcdClient _target;
    private readonly LeaseMirror _leases;
    private readonly TargetWriter _writer;
    private readonly SourceFollower _follower;

    public ImportRun(ImportOptions options, ImportReport report, TimeProvider time)
    {
        (_options, _report) = (options, report);
        _source = new EtcdClient(options.Source, options, report, time);
        _target = new EtcdClient(options.Target, options, report, time);
        _leases = new LeaseMirror(_source, _target, report, time);
        _writer = new TargetWriter(_target);
        _follower = new SourceFollower(_source, _writer, _leases, options, report, time);
    }

    /// <returns>How the process ends.</returns>
    /// <exception cref="ImportFailure">It could not be done.</exception>
    public async Task<int> RunAsync(StopRequest stop, CancellationToken cancellationToken)
    {
        try
        {
            var revision = await _source.RevisionAsync(_options.Keys.Sources[0], cancellationToken);
            await _target.RevisionAsync(_options.Keys.Targets[0], cancellationToken);
            if (_source.Cluster == _target.Cluster)
            {
                throw new ImportFailure(ExitCodes.Usage, "the source and the target are the same store");
            }

            return _options.Mode switch
            {
                ImportMode.Verify => await VerdictAsync(revision, cancellationToken),
                ImportMode.DryRun => await CountAsync(revision, cancellationToken),
                _ => await MoveAsync(stop, cancellationToken),
            };
        }
        catch (CallFailure failure)
        {
            throw new ImportFailure(failure.IsAboutRights ? ExitCodes.Usage : ExitCodes.Failed, failure.Message);
        }
    }

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
    }

    private async Task<int> MoveAsync(StopRequest stop, CancellationToken cancellationToken)
    {
        await RequireEmptyAsync(cancellationToken);
        _report.Say("copied are keys, values and leases; not history, versions, users, roles and alarms");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = _leases.KeepAsync(ended.Token);
        try
        {
            return await CopyAndFollowAsync(stop, cancellationToken);
        }
        finally
        {
            await ended.CancelAsync();
            await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<int> CopyAndFollowAsync(StopRequest stop, CancellationToken cancellationToken)
    {
        var from = await CopyAsync(cancellationToken) + 1;
        for (var comparisons = 1; ;)
        {
            if (await _follower.FollowAsync(from, stop, cancellationToken) == FollowEnd.StartOver)
            {
                from = await CopyAsync(cancellationToken) + 1;
                continue;
            }

            _report.Say($"caught up with revision {_follower.Until} of the source; comparing all keys");
            try
            {
                var isLast = comparisons++ == ComparisonsMax;
                var (differences, comparison) = await CompareAsync(_follower.Until, isLast, cancellationToken);
                if (differences == 0 || isLast)
                {
                    return Conclude(_follower.Until, differences, comparison);
                }

                // A lease may have ended at one side a moment before the other, or somebody wrote to the target.
                _report.Say($"{differences} keys differ; they are copied once more");
                from = await CopyAsync(cancellationToken) + 1;
            }
            catch (CallFailure failure) when (failure.IsCompacted)
            {
                from = await CopyAsync(cancellationToken) + 1;
            }
        }
    }

    /// <summary>Makes the target what the source is at one revision, and gives that revision.</summary>
    private async Task<long> CopyAsync(CancellationToken cancellationToken)
    {
        for (var copy = 1; ; copy++)
        {
            await _leases.ForgetLostAsync(cancellationToken);
            var revision = await _source.RevisionAsync(_options.Keys.Sources[0], cancellationToken);
            try
            {
                await CopyAtAsync(revision, cancellationToken);
                return revision;
            }
            catch (CallFailure failure) when (failure.IsCompacted && copy < CopiesMax)
            {
                _report.Say($"the source has compacted revision {revision} meanwhile; once more, with what differs");
            }
            catch (CallFailure failure) when (failure.IsLeaseGone && copy < CopiesMax)
            {
                _report.Say("a lease of the target ended meanwhile; once more, with what differs");
            }
        }
    }

    private async Task CopyAtAsync(long revision, CancellationToken cancellationToken)
    {
        var total = 0L;
        foreach (var range in _options.Keys.Sources)
        {
            total += await KeyPages.CountAsync(_source, range, revision, cancellationToken);
        }

        _report.Say($"copying {total} keys at revision {revision} of the source");
        var (puts, deletes) = (_writer.Puts, _writer.Deletes);
        var comparison = new KeyComparison(_source, _target, _options.Keys);
        var changes = new List<KeyChange>();
        var bytes = 0;
        await foreach (var difference in comparison.DifferencesAsync(revision, cancellationToken))
        {
            var change = difference.Source is { } pair
                ? new KeyChange(difference.Key, pair.Value, await _leases.OfAsync(pair.Lease, cancellationToken))
                : new KeyChange(difference.Key, null, 0);
            if (changes.Count == TargetWriter.OperationsMax || (changes.Count > 0 && bytes + change.Bytes > TargetWriter.BytesMax))
            {
                await _writer.WriteAsync(changes, cancellationToken);
                changes.Clear();
                bytes = 0;
                _report.Copying(comparison.Keys, total, comparison.Bytes);
            }

            changes.Add(change);
            bytes += change.Bytes;
        }

        await _writer.WriteAsync(changes, cancellationToken);
        _report.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"copied: {comparison.Keys} keys, {ImportReport.Mebibytes(comparison.Bytes)}, {_leases.Count} leases, at revision {revision}; "
                + $"{_writer.Puts - puts} written, {_writer.Deletes - deletes} deleted"));
    }

    private async Task RequireEmptyAsync(CancellationToken cancellationToken)
    {
        if (_options.Overwrites)
        {
            return;
        }

        foreach (var range in _options.Keys.Targets)
        {
            if (await KeyPages.CountAsync(_target, range, 0, cancellationToken) is > 0 and var count)
            {
                throw new ImportFailure(
                    ExitCodes.Usage,
                    $"the target is not empty: {count} keys where the source's would go. With --overwrite they become what the source "
                        + "has: what differs is replaced, what the source has not is deleted");
            }
        }
    }

    private async Task<int> CountAsync(long revision, CancellationToken cancellationToken)
    {
        var (puts, deletes) = (0L, 0L);
        var comparison = new KeyComparison(_source, _target, _options.Keys);
        await foreach (var difference in comparison.DifferencesAsync(revision, cancellationToken))
        {
            (puts, deletes) = difference.Source is null ? (puts, deletes + 1) : (puts + 1, deletes);
        }

        _report.Result(string.Create(
            CultureInfo.InvariantCulture,
            $"dry run: {comparison.Keys} keys, {ImportReport.Mebibytes(comparison.Bytes)}, at revision {revision} of the source; "
                + $"{puts} would be written, {deletes} deleted"));
        return ExitCodes.Ok;
    }

    private async Task<int> VerdictAsync(long revision, CancellationToken cancellationToken)
    {
        var (differences, comparison) = await CompareAsync(revision, isListed: true, cancellationToken);
        return Conclude(revision, differences, comparison);
    }

    private async Task<(long Differences, KeyComparison Comparison)> CompareAsync(
        long revision, bool isListed, CancellationToken cancellationToken)
    {
        var count = 0L;
        var comparison = new KeyComparison(_source, _target, _options.Keys);
        await foreach (var difference in comparison.DifferencesAsync(revision, cancellationToken))
        {
            if (isListed && count < ListedMax)
            {
                _report.Result(difference.Text);
            }

            count++;
        }

        if (isListed && count > ListedMax)
        {
            _report.Result($"… and {count - ListedMax} more");
        }

        return (count, comparison);
    }

    private int Conclude(long revision, long differences, KeyComparison comparison)
    {
        var what = string.Create(
            CultureInfo.InvariantCulture,
            $"{comparison.Keys} keys, {ImportReport.Mebibytes(comparison.Bytes)}, at revision {revision} of the source");
        _report.Result(differences == 0 ? $"equal: {what}" : $"not equal: {differences} keys differ; {what}");
        return differences == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }
}

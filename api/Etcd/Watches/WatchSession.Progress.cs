using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Watches;

/// <summary>
/// How far the watches have come: told when the client asks, and to silent watches that want to know now and then. Always proven
/// by what the cursors have read, never by a clock.
/// </summary>
internal sealed partial class WatchSession
{
    private readonly List<SessionWatch> _asked = [];
    private ITimer? _progressTimer;
    private bool _isProgressAsked;

    /// <summary>What the client may know to be written when it asks: an answer of less would be old news.</summary>
    private long _progressAtLeast;
    private int _isProgressDue;

    private void StartProgress()
    {
        // Spread, so that the streams of one restart do not all speak in one moment.
        _progressTimer ??= _time.CreateTimer(
            static state => ((WatchSession)state!).OnProgressTimer(),
            this,
            _settings.ProgressInterval * (1 + (Random.Shared.NextDouble() / 10)),
            _settings.ProgressInterval);
    }

    private void OnProgressTimer()
    {
        Volatile.Write(ref _isProgressDue, 1);
        _signal.Set();
    }

    private async ValueTask NotifyIfDueAsync()
    {
        if (Interlocked.Exchange(ref _isProgressDue, 0) == 0)
        {
            return;
        }

        // Copies: a turn may find that the place of its watch is gone.
        _asked.AddRange(_watches.Values.Where(watch => watch.Order.WantsProgress));
        foreach (var watch in _asked)
        {
            var revision = Feed.View.Revision;
            if (!watch.HasSpoken && await IsInStepAsync(watch, revision) && !watch.HasSpoken)
            {
                await SendAsync(new WatchResponse { Header = _etcd.Header(revision), WatchId = watch.Id });
            }

            watch.HasSpoken = false;
        }

        _asked.Clear();
    }

    /// <summary>
    /// Answers a client that asked, once all watches have been told everything up to one revision; until then it stays asked.
    /// True when it was answered.
    /// </summary>
    private async ValueTask<bool> TellProgressAsync()
    {
        if (!_isProgressAsked)
        {
            return false;
        }

        var revision = Feed.View.Revision;
        if (revision < _progressAtLeast)
        {
            // Watches are served from a state that is a moment behind what writers were told.
            _dispatcher.Touch(this);
            return false;
        }

        _asked.AddRange(_watches.Values);
        var areInStep = true;
        foreach (var watch in _asked)
        {
            areInStep = areInStep && await IsInStepAsync(watch, revision);
        }

        _asked.Clear();
        _isProgressAsked = !areInStep && _watches.Count > 0;
        if (!areInStep || _watches.Count == 0)
        {
            return false;
        }

        await SendAsync(new WatchResponse { Header = _etcd.Header(revision), WatchId = NoWatch });
        return true;
    }

    /// <summary>Whether the watch has been sent everything up to a revision, after one more turn.</summary>
    private async ValueTask<bool> IsInStepAsync(SessionWatch watch, long revision) =>
        await TakeTurnAsync(watch) && watch.Cursor.Position >= revision;
}

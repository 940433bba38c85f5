using System.Collections.Concurrent;
using RestKv.Api.Hosting;
using RestKv.Core.Auth;
using RestKv.Core.Commands;

namespace RestKv.Api.Security.Auth;

/// <summary>
/// Tells the log who is still there. A session in use is renewed when half of its time is over, an API token says once an hour
/// that it was used; all that are due go into one entry, one entry at a time, so many sessions cost little. What does not come
/// through is noted again by the next use. Any thread.
/// </summary>
internal sealed class SessionRenewal(INode node, IAuthSource auth) : IAsyncDisposable
{
    private const int PerEntryMax = 1_000;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<TokenDigest, bool> _sessions = new();
    private readonly ConcurrentDictionary<long, bool> _tokens = new();
    private readonly Lock _starting = new();
    private Task _running = Task.CompletedTask;
    private bool _isRunning;
    private volatile bool _isEnded;

    public void Used(Session session)
    {
        if (session.Slides && session.DeadlineMs - auth.ClusterTimeMs < session.TtlMs / 2 && _sessions.TryAdd(session.Digest, true))
        {
            Start();
        }
    }

    public void Used(ApiToken token, long wallTimeMs)
    {
        const long HourMs = 3_600_000;
        if (wallTimeMs - token.LastUsedMs >= HourMs && _tokens.TryAdd(token.Id, true))
        {
            Start();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (_starting)
        {
            _isEnded = true;
            running = _running;
        }

        await running;
    }

    /// <summary>One runs at a time; who is noted while it does is taken by its next round.</summary>
    private void Start()
    {
        lock (_starting)
        {
            if (!_isRunning && !_isEnded)
            {
                _isRunning = true;
                _running = Task.Run(RunAsync);
            }
        }
    }

    private async Task RunAsync()
    {
        while (!_isEnded && Take() is { } touch)
        {
            await node.SubmitAsync(touch, new SubmitOptions("", Timeout), CancellationToken.None);
            foreach (var digest in touch.Sessions)
            {
                _sessions.TryRemove(digest, out _);
            }

            foreach (var id in touch.Tokens)
            {
                _tokens.TryRemove(id, out _);
            }
        }
    }

    /// <summary>Null when nothing is due: then the next one who is noted starts anew, hence the lock.</summary>
    private Command.AuthTouch? Take()
    {
        lock (_starting)
        {
            var touch = new Command.AuthTouch([.. _sessions.Keys.Take(PerEntryMax)], [.. _tokens.Keys.Take(PerEntryMax)]);
            _isRunning = touch is not { Sessions.IsEmpty: true, Tokens.IsEmpty: true };
            return _isRunning ? touch : null;
        }
    }
}

using System.Diagnostics;

namespace RestKv.LoadGen;

/// <summary>
/// Puts at a fixed rate over a few connections, a thread each. A put that was held up by the one before it is counted
/// from when it was due, so that a stall is not hidden by the client waiting through it.
/// </summary>
internal sealed class PutPacer
{
    private readonly LoadOptions _options;
    private readonly Func<int, byte[]> _request;
    private readonly Action<int, long, long> _done;
    private readonly Thread[] _threads;
    private volatile bool _isStopped;
    private long _origin;
    private int _bad;

    /// <param name="request">The request of put number n, from 1.</param>
    /// <param name="begun">Told the number and time of a put just before it is sent.</param>
    /// <param name="done">Told start (due or sent), end and number of each put that went well; many threads.</param>
    public PutPacer(
        LoadOptions options, int total, Func<int, byte[]> request, Action<int, long> begun, Action<int, long, long> done)
    {
        (_options, _request, _done) = (options, request, done);
        _threads = [.. Enumerable.Range(1, options.Connections).Select(first => new Thread(() => Run(first, total, begun)))];
    }

    public int Bad => _bad;

    public void Start()
    {
        _origin = Stopwatch.GetTimestamp();
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    public void Stop() => _isStopped = true;

    public void Join()
    {
        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    private void Run(int first, int total, Action<int, long> begun)
    {
        using var connection = new PutConnection(_options.Port);
        var ended = _origin;
        for (long number = first; number <= total && !_isStopped; number += _options.Connections)
        {
            var due = _origin + (long)(number * (double)Stopwatch.Frequency / _options.Rate);
            WaitUntil(due);
            var request = _request((int)number);
            var sent = Stopwatch.GetTimestamp();
            begun((int)number, sent);
            if (!connection.Exchange(request))
            {
                Interlocked.Increment(ref _bad);
            }

            var from = ended > due ? due : sent;
            ended = Stopwatch.GetTimestamp();
            _done((int)number, from, ended);
        }
    }

    private static void WaitUntil(long time)
    {
        while (true)
        {
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), time);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            // Waking up to a millisecond late is harmless: such a put is timed from its sending.
            Thread.Sleep(Math.Max(1, (int)left.TotalMilliseconds));
        }
    }
}

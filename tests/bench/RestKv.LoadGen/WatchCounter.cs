using System.Diagnostics;

namespace RestKv.LoadGen;

/// <summary>
/// Reads all watches on one thread and times each event from the sending of its put, by this process's clock alone.
/// Counters are written by the reading thread and read by others.
/// </summary>
internal sealed class WatchCounter : IDisposable
{
    private const int BufferBytes = 256 * 1024;
    private const int WaitMs = 50;

    private readonly IWatchLink[] _links;
    private readonly Epoll _epoll = new();
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly long[] _sent;
    private readonly Thread _thread;
    private readonly Action<int> _read;
    private readonly Action<int> _mark;
    private volatile bool _isStopped;
    private long _events;
    private long _bytes;
    private long _lastEvent;
    private long _now;
    private int _opened;
    private int _closed;

    /// <param name="sent">When put n was sent, filled in by the writers.</param>
    public WatchCounter(IWatchLink[] links, long[] sent)
    {
        (_links, _sent) = (links, sent);
        for (var i = 0; i < links.Length; i++)
        {
            _epoll.Watch(links[i].Handle, i);
        }

        (_read, _mark) = (Read, Count);
        _thread = new Thread(Run);
        _thread.Start();
    }

    public Latencies Delays { get; } = new();

    public long Events => Volatile.Read(ref _events);

    public long Bytes => Volatile.Read(ref _bytes);

    public long LastEvent => Volatile.Read(ref _lastEvent);

    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Streams the server has ended, which it should not.</summary>
    public int Closed => Volatile.Read(ref _closed);

    public void Stop()
    {
        _isStopped = true;
        _thread.Join();
    }

    public void Dispose() => _epoll.Dispose();

    private void Run()
    {
        while (!_isStopped)
        {
            _epoll.Wait(WaitMs, _read);
        }
    }

    private void Read(int tag)
    {
        var link = _links[tag];
        var (opened, ended) = (link.Opened, link.Ended);
        _now = Stopwatch.GetTimestamp();
        var got = link.Read(_buffer, _mark);
        if (got == 0)
        {
            _epoll.Forget(link.Handle);
        }

        Volatile.Write(ref _bytes, _bytes + Math.Max(got, 0));
        Volatile.Write(ref _opened, _opened + link.Opened - opened);
        Volatile.Write(ref _closed, _closed + (got == 0 ? link.Watches : link.Ended) - ended);
    }

    private void Count(int number)
    {
        if ((uint)number >= (uint)_sent.Length || Volatile.Read(ref _sent[number]) is not (> 0 and var sent))
        {
            return;
        }

        Delays.Add(Stopwatch.GetElapsedTime(sent, _now));
        Volatile.Write(ref _lastEvent, _now);
        Volatile.Write(ref _events, _events + 1);
    }
}

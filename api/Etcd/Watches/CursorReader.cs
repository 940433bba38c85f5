using RestKv.Api.Watch;
using RestKv.Core.Watch;

namespace RestKv.Api.Etcd.Watches;

/// <summary>One cursor for one reader that awaits what comes. Belongs to that reader, but for what the dispatcher calls.</summary>
internal sealed class CursorReader : IWatchClient, ICursorOwner, IDisposable
{
    private readonly WakeSignal _signal = new();
    private readonly WatchDispatcher _dispatcher;
    private readonly StreamEnd _end;
    private readonly WatchCursor _cursor;

    /// <exception cref="EtcdFault">This member takes no more watches.</exception>
    public CursorReader(WatchDispatcher dispatcher, EtcdNode etcd, WatchFilter filter, long from, EtcdCall call, TimeProvider time)
    {
        _dispatcher = dispatcher;
        _end = new StreamEnd(call, _signal, time, dispatcher.Options.ClosingGrace);
        if (!dispatcher.TryEnter(this, etcd.Node.View, out var feed, out var refusal))
        {
            _end.Dispose();
            throw WatchFaults.Of(refusal);
        }

        if (!dispatcher.TryCount())
        {
            dispatcher.Leave(this);
            _end.Dispose();
            throw WatchFaults.Of(ChangeWaitOutcome.Overloaded);
        }

        var limits = dispatcher.Options.Cursor with { HardFactor = int.MaxValue };
        _cursor = new WatchCursor(feed, filter, from, limits: limits) { Owner = this };
        dispatcher.Add(_cursor);
    }

    /// <summary>For sending what was read.</summary>
    public CancellationToken Cut => _end.Cut;

    /// <summary>Fills an empty batch with whole revisions, whenever there are some; false when history was overtaken.</summary>
    public async ValueTask<bool> ReadAsync(WatchBatch batch)
    {
        while (true)
        {
            _end.ThrowIfOver();
            var turn = _cursor.Read(batch);
            if (turn == WatchTurn.Join)
            {
                _dispatcher.Join(_cursor);
            }

            if (!batch.IsEmpty)
            {
                return true;
            }

            if (turn == WatchTurn.Compacted)
            {
                return false;
            }

            if (turn != WatchTurn.More)
            {
                await _signal.WaitAsync();
            }
        }
    }

    public void Wake() => _signal.Set();

    public void Close(WatchClosing reason) => _end.Close(reason);

    public void Dispose()
    {
        _dispatcher.Remove(_cursor);
        _dispatcher.Leave(this);
        _end.Dispose();
    }
}

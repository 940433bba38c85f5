using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace RestKv.Api.Hosting;

/// <summary>
/// How far this member has got in leaving its clients. Advanced by <see cref="GracefulStop"/>, read by whoever serves them, on
/// any thread.
/// </summary>
internal sealed class Departure : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly CancellationTokenSource _closing = new();
    private int _connections;
    private int _unheard;
    private volatile bool _isLeaving;

    /// <summary>Clients are asked to go: streams end, and every answer announces the end of its connection.</summary>
    public CancellationToken Leaving => _leaving.Token;

    /// <summary>Those who were asked have had their time: whatever still runs on behalf of a client ends.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Connections of clients that are open, busy or not.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections on which no request has been read yet: one may have been sent, and its client waits for the answer.</summary>
    public int Unheard => Volatile.Read(ref _unheard);

    public void BeginLeaving()
    {
        _isLeaving = true;
        _leaving.Cancel();
    }

    public void BeginClosing() => _closing.Cancel();

    /// <summary>
    /// To be called at the start of every request. Its client reads that the connection ends with this answer and uses another
    /// for the next request; were the connection merely closed, the close could meet that request under way.
    /// </summary>
    public void Announce(HttpContext context)
    {
        context.Features.Get<Guest>()?.Hear();
        if (!_isLeaving)
        {
            return;
        }

        if (HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            // GOAWAY: streams that are open are served to their end.
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
        else
        {
            context.Response.Headers.Connection = "close";
        }
    }

    /// <summary>Middleware of the listeners.</summary>
    public ConnectionDelegate Count(ConnectionDelegate next) => async connection =>
    {
        var guest = new Guest(this);
        connection.Features.Set(guest);
        Interlocked.Increment(ref _connections);
        try
        {
            await next(connection);
        }
        finally
        {
            guest.Hear();
            Interlocked.Decrement(ref _connections);
        }
    };

    public void Dispose()
    {
        _leaving.Dispose();
        _closing.Dispose();
    }
    /// <summary>A connection, until its first request.</summary>
    private sealed class Guest
    {
        private readonly Departure _departure;
        private int _isHeard;

        public Guest(Departure departure)
        {
            _departure = departure;
            Interlocked.Increment(ref departure._unheard);
        }

        public void Hear()
        {
            if (Volatile.Read(ref _isHeard) == 0 && Interlocked.Exchange(ref _isHeard, 1) == 0)
            {
                Interlocked.Decrement(ref _departure._unheard);
            }
        }
    }
}

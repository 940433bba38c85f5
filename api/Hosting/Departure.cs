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
    private volatile bool _isLeaving;

    /// <summary>Clients are asked to go: streams end, and every answer announces the end of its connection.</summary>
    public CancellationToken Leaving => _leaving.Token;

    /// <summary>Those who were asked have had their time: whatever still runs on behalf of a client ends.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Connections of clients that are open, busy or not.</summary>
    public int Connections => Volatile.Read(ref _connections);

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
        Interlocked.Increment(ref _connections);
        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    };

    public void Dispose()
    {
        _leaving.Dispose();
        _closing.Dispose();
    }
}

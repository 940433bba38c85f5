using System.Net;

namespace RestKv.Api.Peers;

/// <summary>
/// One outgoing HTTP/2 connection with one request on it, whose body is written for as long as it lives and whose answer never
/// ends: its end is how the loss of the peer shows. Each has a handler of its own, so that a broken one leaves nothing behind.
/// </summary>
internal sealed class PeerConnection : IDisposable
{
    private const int RefusalBytesMax = 1024;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);
    private readonly TimeSpan _patience;
    private readonly HttpMessageInvoker _invoker;
    private readonly HttpRequestMessage _request;
    private readonly CancellationTokenSource _life;
    private HttpResponseMessage? _response;
    private bool _isDisposed;

    private PeerConnection(
        Uri address, string path, HttpContent content, PeerSecurity security, TimeSpan patience, CancellationToken cancellationToken)
    {
        (Address, _patience) = (address, patience);
        _invoker = Invoker(address, security, patience);
        _request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        _life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    public Uri Address { get; }

    /// <summary>What the peer writes back.</summary>
    public Stream Answer { get; private set; } = Stream.Null;

    /// <summary>Calls and waits until the peer has judged the hello.</summary>
    /// <param name="patience">How long the peer may take to answer: two seconds, but for tests of what it answers.</param>
    /// <exception cref="PeerRefusedException">The peer did not answer in time, or refused.</exception>
    /// <exception cref="HttpRequestException">There is nobody.</exception>
    public static async Task<PeerConnection> OpenAsync(
        Uri address, string path, HttpContent content, PeerSecurity security, CancellationToken cancellationToken,
        TimeSpan? patience = null)
    {
        var connection = new PeerConnection(address, path, content, security, patience ?? AnswerTimeout, cancellationToken);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Also ends the connection itself.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _life.Cancel();
        _response?.Dispose();
        _request.Dispose();
        _invoker.Dispose();
        _life.Dispose();
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        // The token of the call also governs its body, so it must live as long as the connection.
        _life.CancelAfter(_patience);
        try
        {
            _response = await _invoker.SendAsync(_request, _life.Token);
            if (_response.StatusCode != HttpStatusCode.OK)
            {
                var kind = _response.Headers.TryGetValues(PeerRefusal.HeaderName, out var kinds) ? kinds.First() : null;
                throw new PeerRefusedException(await ReadRefusalAsync(_response, _life.Token), PeerRefusal.KindOf(kind));
            }

            Answer = await _response.Content.ReadAsStreamAsync(_life.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PeerRefusedException($"no answer within {_patience.TotalSeconds} s");
        }

        _life.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    private static async Task<string> ReadRefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var text = new char[RefusalBytesMax];
        var length = await reader.ReadBlockAsync(text, cancellationToken);
        return length == 0 ? $"answered {(int)response.StatusCode}" : new string(text, 0, length);
    }

    private static HttpMessageInvoker Invoker(Uri address, PeerSecurity security, TimeSpan patience)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = patience,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,

            // A peer whose machine vanished closes nothing; consensus notices sooner, this frees the connection.
            KeepAlivePingDelay = TimeSpan.FromSeconds(3),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(3),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
        };
        security.ProtectCaller(handler, address);
        return new HttpMessageInvoker(handler, disposeHandler: true);
    }
}

using System.Net.Sockets;

namespace RestKv.Cluster.Tests.Support;

/// <summary>
/// Sends one request over one connection, once. The handler would by itself send a request again when its connection breaks before
/// the answer: a write could happen twice, and "cannot connect" of the second attempt would hide the first.
/// </summary>
internal sealed class OneSend : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _client;

    public OneSend(ClusterMember member) =>
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = ConnectAsync })
        {
            BaseAddress = new Uri(member.ClientUrl),
            Timeout = Patience,
        };

    /// <summary>False: nothing can have been sent.</summary>
    public bool WasConnected { get; private set; }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default) =>
        _client.SendAsync(request, cancellationToken);

    public void Dispose() => _client.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (WasConnected)
        {
            throw new IOException("the request was sent once, and is not sent again");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            WasConnected = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

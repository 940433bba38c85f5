using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RestKv.LoadGen;

/// <summary>One watch over HTTP/1.1: an SSE stream of RestKv or a watch of etcd's JSON gateway.</summary>
internal sealed class WatchStream : IWatchLink
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly ChunkReader _chunks = new();
    private readonly MarkFinder _marks;
    private readonly PayloadTaker _take;
    private Action<int> _onMark = _ => { };
    private bool _hasPayload;

    public WatchStream(LoadOptions options)
    {
        _take = Take;
        _marks = new MarkFinder(MarkForm.OfJson(options.IsEtcd));
        _socket.Connect(IPAddress.Loopback, options.Port);
        _socket.Send(Encoding.ASCII.GetBytes(options.IsEtcd ? EtcdRequest() : RestKvRequest));
        _socket.Blocking = false;
    }

    public nint Handle => _socket.Handle;

    public int Opened => _chunks.IsOpen && _hasPayload ? 1 : 0;

    public int Ended => 0;

    public int Watches => 1;

    private static string RestKvRequest =>
        "GET /v1/watch?prefix=w/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n";

    public int Read(byte[] buffer, Action<int> onMark)
    {
        var got = _socket.Receive(buffer, 0, buffer.Length, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
        {
            return -1;
        }

        _onMark = onMark;
        _chunks.Take(buffer.AsSpan(0, Math.Max(got, 0)), _take);
        return got;
    }

    public void Dispose() => _socket.Dispose();

    private void Take(ReadOnlySpan<byte> payload)
    {
        _hasPayload = true;
        _marks.Take(payload, _onMark);
    }

    private static string EtcdRequest()
    {
        var body = $$$"""{"create_request":{"key":"{{{Puts.Base64("w/")}}}","range_end":"{{{Puts.Base64("w0")}}}"}}""";
        return $"POST /v3/watch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n{body}";
    }
}

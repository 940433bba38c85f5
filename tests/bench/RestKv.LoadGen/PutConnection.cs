using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RestKv.LoadGen;

/// <summary>One HTTP/1.1 connection that sends a request and waits for its answer. Owned by one thread.</summary>
internal sealed class PutConnection : IDisposable
{
    private const int AnswerBytesMax = 64 * 1024;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[AnswerBytesMax];

    public PutConnection(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <returns>Whether the status was 2xx.</returns>
    public bool Exchange(byte[] request)
    {
        _socket.Send(request);
        var have = 0;
        while (true)
        {
            var got = _socket.Receive(_answer, have, _answer.Length - have, SocketFlags.None);
            if (got <= 0)
            {
                throw new InvalidDataException("the server closed the connection");
            }

            have += got;
            var text = Encoding.ASCII.GetString(_answer, 0, have);
            if (IsWhole(text))
            {
                return text.StartsWith("HTTP/1.1 2", StringComparison.Ordinal);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        const string LengthName = "\r\ncontent-length:";
        var at = text.IndexOf(LengthName, 0, end, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return text.StartsWith("HTTP/1.1 204", StringComparison.Ordinal)
                || text.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
        }

        var from = at + LengthName.Length;
        var length = int.Parse(
            text.AsSpan(from, text.IndexOf("\r\n", from, StringComparison.Ordinal) - from), CultureInfo.InvariantCulture);
        return text.Length >= end + 4 + length;
    }
}

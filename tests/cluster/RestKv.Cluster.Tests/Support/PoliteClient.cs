using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RestKv.Cluster.Tests.Support;

/// <summary>
/// A client that does what HTTP/1.1 asks of it and nothing more: one connection, one request after another; when an answer says
/// that the connection ends, or when nobody listens, it goes to the next member. It never repeats a request that was sent, so
/// everything but a good answer is a failure, which it notes.
/// </summary>
internal sealed class PoliteClient(IReadOnlyList<ClusterMember> members, int first, int number)
{
    /// <summary>
    /// A connection that was not used for so long is not used again: servers close such connections, and a client that stood
    /// still that long on a busy machine might meet the close.
    /// </summary>
    private static readonly TimeSpan IdleMax = TimeSpan.FromMilliseconds(400);

    private int _member = first;
    private long _lastUsed;

    public List<string> Failures { get; } = [];

    public int Answered => Volatile.Read(ref _answered);

    private int _answered;

    /// <summary>Puts and reads back in turn until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        TcpClient? connection = null;
        for (var count = 0; !stop.IsCancellationRequested; count++)
        {
            if (connection is not null && Stopwatch.GetElapsedTime(_lastUsed) > IdleMax)
            {
                connection.Dispose();
                connection = null;
            }

            connection ??= await ConnectAsync();
            if (connection is null || !await AskAsync(connection, count))
            {
                connection?.Dispose();
                connection = null;
                _member = (_member + 1) % members.Count;
            }
        }

        connection?.Dispose();
    }

    /// <summary>Null when nobody listens there.</summary>
    private async Task<TcpClient?> ConnectAsync()
    {
        var connection = new TcpClient { NoDelay = true };
        try
        {
            await connection.ConnectAsync(IPEndPoint.Parse(new Uri(members[_member].ClientUrl).Authority));
            return connection;
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.ConnectionRefused)
        {
            connection.Dispose();
            await Task.Yield();
            return null;
        }
    }

    /// <summary>False when the connection is not to be used again.</summary>
    private async Task<bool> AskAsync(TcpClient connection, int count)
    {
        var (name, text) = (members[_member].Name, count.ToString(CultureInfo.InvariantCulture));
        var request = count % 2 == 0
            ? $"PUT /v1/kv/polite/{number} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {text.Length}\r\n\r\n{text}"
            : $"GET /v1/kv/polite/{number} HTTP/1.1\r\nHost: localhost\r\n\r\n";
        using var deadline = new CancellationTokenSource(Testing.Eventually.Deadline);
        try
        {
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), deadline.Token);
            var (head, body) = await ReadAsync(connection.GetStream(), deadline.Token);
            if (!head.StartsWith("HTTP/1.1 20", StringComparison.Ordinal))
            {
                Failures.Add($"{name}, request {count}: {head} {body}");
            }
            else if (count % 2 == 1 && body != (count - 1).ToString(CultureInfo.InvariantCulture))
            {
                Failures.Add($"{name}, request {count}: read {body}");
            }

            _lastUsed = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _answered);
            return !head.Contains("\r\nConnection: close", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            Failures.Add($"{name}, request {count}: {fault.Message}");
            return false;
        }
    }

    private static async Task<(string Head, string Body)> ReadAsync(NetworkStream stream, CancellationToken deadline)
    {
        var bytes = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var count = await stream.ReadAsync(bytes.AsMemory(length), deadline);
            if (count == 0)
            {
                throw new IOException("the connection ended without an answer");
            }

            length += count;
            var text = Encoding.Latin1.GetString(bytes, 0, length);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && text.Length - end - 4 >= BodyLength(text[..end]))
            {
                return (text[..end], text[(end + 4)..]);
            }
        }
    }

    private static int BodyLength(string head)
    {
        var line = head.Split("\r\n").Single(header => header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return int.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }
}

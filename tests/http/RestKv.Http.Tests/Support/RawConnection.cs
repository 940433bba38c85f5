using System.Globalization;
using System.Net.Sockets;
using System.Text;
using RestKv.Testing;

namespace RestKv.Http.Tests.Support;

/// <summary>HTTP/1.1 by hand: sends any bytes and reads answers as they are, so that no client library tidies up before.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly List<byte> _pending = [];

    private RawConnection(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port);
        return new RawConnection(client);
    }

    /// <summary>A well-formed request but for what the caller puts into it. A Host header is added unless there is one.</summary>
    public async Task<RawResponse> SendAsync(string method, string target, string headers = "", byte[]? body = null)
    {
        var head = new StringBuilder().Append(method).Append(' ').Append(target).Append(" HTTP/1.1\r\n");
        if (!("\r\n" + headers).Contains("\r\nHost:", StringComparison.OrdinalIgnoreCase))
        {
            head.Append("Host: localhost\r\n");
        }

        if (body is not null && !headers.Contains("Content-Length:", StringComparison.OrdinalIgnoreCase)
            && !headers.Contains("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase))
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }

        head.Append(headers.Length == 0 || headers.EndsWith("\r\n", StringComparison.Ordinal) ? headers : headers + "\r\n").Append("\r\n");
        await WriteAsync([.. Encoding.Latin1.GetBytes(head.ToString()), .. body ?? []]);
        return await ReadResponseAsync(method);
    }

    public async Task WriteAsync(byte[] bytes)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await _stream.WriteAsync(bytes, deadline.Token);
    }

    public void FinishWriting() => _client.Client.Shutdown(SocketShutdown.Send);

    public async Task<RawResponse> ReadResponseAsync(string method = "GET")
    {
        var head = await ReadUntilAsync("\r\n\r\n");
        if (head is null)
        {
            return new RawResponse(0, new Dictionary<string, string>(), [], IsClosed: true);
        }

        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        if (status == 100)
        {
            return await ReadResponseAsync(method);
        }

        var body = await ReadBodyAsync(method, status, headers);
        return new RawResponse(status, headers, body, headers.GetValueOrDefault("Connection") == "close");
    }

    /// <summary>True when the server ends the connection (and sends nothing more) before the deadline.</summary>
    public async Task<bool> IsClosedByServerAsync()
    {
        try
        {
            while (await FillAsync())
            {
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Text up to and with the marker; null when the connection ends before.</summary>
    public async Task<string?> ReadUntilAsync(string marker)
    {
        var bytes = Encoding.Latin1.GetBytes(marker);
        while (true)
        {
            var at = CollectionsSpan().IndexOf(bytes);
            if (at >= 0)
            {
                return Encoding.Latin1.GetString(Take(at + bytes.Length));
            }

            if (!await FillAsync())
            {
                return null;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<byte[]> ReadBodyAsync(string method, int status, Dictionary<string, string> headers)
    {
        if (method == "HEAD" || status is 204 or 304)
        {
            return [];
        }

        if (headers.TryGetValue("Transfer-Encoding", out var coding) && coding == "chunked")
        {
            return await ReadChunksAsync();
        }

        var length = int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture);
        return await ReadExactlyAsync(length);
    }

    private async Task<byte[]> ReadChunksAsync()
    {
        var body = new List<byte>();
        while (true)
        {
            var line = await ReadUntilAsync("\r\n") ?? throw new IOException("The connection ended inside a chunk.");
            var length = int.Parse(line.TrimEnd(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            body.AddRange(await ReadExactlyAsync(length));
            await ReadExactlyAsync(2);
            if (length == 0)
            {
                return [.. body];
            }
        }
    }

    private async Task<byte[]> ReadExactlyAsync(int length)
    {
        while (_pending.Count < length)
        {
            if (!await FillAsync())
            {
                throw new IOException("The connection ended inside a body.");
            }
        }

        return Take(length);
    }

    private async Task<bool> FillAsync()
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var buffer = new byte[16 * 1024];
        var read = await _stream.ReadAsync(buffer, deadline.Token);
        _pending.AddRange(buffer.AsSpan(0, read));
        return read > 0;
    }

    private ReadOnlySpan<byte> CollectionsSpan() => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pending);

    private byte[] Take(int count)
    {
        var taken = _pending.GetRange(0, count).ToArray();
        _pending.RemoveRange(0, count);
        return taken;
    }
}

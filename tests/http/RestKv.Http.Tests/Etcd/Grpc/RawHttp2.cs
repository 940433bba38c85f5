using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>HTTP/2 by hand: says what no client library would, and shows frames as they come.</summary>
internal sealed class RawHttp2 : IAsyncDisposable
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte EndStream = 1;
    public const byte Ack = 1;
    private const byte EndHeaders = 4;

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawHttp2(TcpClient client) => (_client, _stream) = (client, client.GetStream());

    public static async Task<RawHttp2> OpenAsync(int port)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        var connection = new RawHttp2(client);
        await connection._stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await connection.SendAsync(Settings, 0, 0, []);
        return connection;
    }

    public async Task SendAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        await _stream.WriteAsync(frame);
    }

    /// <summary>Begins a call; what it sends follows in DATA frames.</summary>
    public Task BeginAsync(int stream, string method, string path, string authority, bool ends = false)
    {
        var block = new List<byte>();
        Add(":method", method);
        Add(":scheme", "http");
        Add(":path", path);
        Add(":authority", authority);
        Add("te", "trailers");
        Add("content-type", "application/grpc");
        return SendAsync(Headers, (byte)(EndHeaders | (ends ? EndStream : 0)), stream, [.. block]);

        // A literal that nobody need remember, neither name nor value compressed.
        void Add(string name, string value)
        {
            block.Add(0);
            block.Add((byte)name.Length);
            block.AddRange(Encoding.ASCII.GetBytes(name));
            block.Add((byte)value.Length);
            block.AddRange(Encoding.ASCII.GetBytes(value));
        }
    }

    /// <summary>The next frame but for settings and windows; null when the server has closed the connection.</summary>
    public async Task<RawHttp2Frame?> NextAsync()
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        while (true)
        {
            var head = new byte[9];
            if (await _stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, deadline.Token) < head.Length)
            {
                return null;
            }

            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await _stream.ReadExactlyAsync(payload, deadline.Token);
            if (head[3] is not (Settings or 8))
            {
                return new RawHttp2Frame(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RestKv.LoadGen;

/// <summary>Watches of etcd's API over gRPC, each a call of its own, on one HTTP/2 connection in clear text.</summary>
internal sealed class GrpcWatchLink : IWatchLink
{
    /// <summary>As many calls as servers commonly let one connection have.</summary>
    public const int WatchesMax = 100;

    private const int WindowBytes = 1 << 30;
    private const int RefillBytes = 1 << 24;
    private const ushort InitialWindowSetting = 4;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Watch[] _watches;
    private readonly byte[] _head = new byte[FrameWriter.HeadBytes];
    private readonly byte[] _control = new byte[64];
    private Action<int> _onMark = _ => { };
    private int _headBytes;
    private int _controlBytes;
    private int _left;
    private int _consumed;

    public GrpcWatchLink(LoadOptions options, int watches)
    {
        _watches = [.. Enumerable.Range(0, watches).Select(_ => new Watch(new MarkFinder(MarkForm.OfProtobuf(options.ValueBytes))))];
        _socket.Connect(IPAddress.Loopback, options.Port);
        _socket.Send(Greeting());
        for (var number = 0; number < watches; number++)
        {
            _socket.Send(Request(options, StreamOf(number)));
        }

        _socket.Blocking = false;
    }

    public nint Handle => _socket.Handle;

    public int Opened { get; private set; }

    public int Ended { get; private set; }

    public int Watches => _watches.Length;

    public int Read(byte[] buffer, Action<int> onMark)
    {
        var got = _socket.Receive(buffer, 0, buffer.Length, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
        {
            return -1;
        }

        _onMark = onMark;
        Take(buffer.AsSpan(0, Math.Max(got, 0)));
        if (_consumed > RefillBytes)
        {
            var refill = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(refill, _consumed);
            _consumed = 0;
            Send(FrameWriter.WindowUpdate, 0, refill);
        }

        return got;
    }

    public void Dispose() => _socket.Dispose();

    private static int StreamOf(int number) => (2 * number) + 1;

    private static byte[] Greeting()
    {
        var settings = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(settings, InitialWindowSetting);
        BinaryPrimitives.WriteInt32BigEndian(settings.AsSpan(2), WindowBytes);
        var window = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(window, WindowBytes);
        return
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(FrameWriter.Settings, 0, 0, settings),
            .. Frame(FrameWriter.WindowUpdate, 0, 0, window),
        ];
    }

    /// <summary>Headers that nobody remembers, and one message; our side of the call stays open.</summary>
    private static byte[] Request(LoadOptions options, int stream)
    {
        List<byte> headers = [0x83, 0x86];
        FrameWriter.AddRemembered(headers, 4, "/etcdserverpb.Watch/Watch");
        FrameWriter.AddRemembered(headers, 1, $"127.0.0.1:{options.Port}");
        FrameWriter.AddRemembered(headers, 31, "application/grpc");
        FrameWriter.AddRemembered(headers, "te", "trailers");
        byte[] range = [(1 << 3) | 2, 2, .. "w/"u8, (2 << 3) | 2, 2, .. "w0"u8];
        byte[] message = [(1 << 3) | 2, (byte)range.Length, .. range];
        return
        [
            .. Frame(FrameWriter.Headers, FrameWriter.EndHeaders, stream, [.. headers]),
            .. Frame(FrameWriter.Data, 0, stream, [0, 0, 0, 0, (byte)message.Length, .. message]),
        ];
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var head = new byte[FrameWriter.HeadBytes];
        FrameWriter.Head(head, payload.Length, type, flags, stream);
        return [.. head, .. payload];
    }

    /// <summary>Frames arrive cut anywhere: heads are gathered, payloads are passed on in pieces.</summary>
    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_headBytes < _head.Length)
            {
                var some = Math.Min(_head.Length - _headBytes, bytes.Length);
                bytes[..some].CopyTo(_head.AsSpan(_headBytes));
                _headBytes += some;
                bytes = bytes[some..];
                if (_headBytes < _head.Length)
                {
                    return;
                }

                (_left, _controlBytes) = ((_head[0] << 16) | (_head[1] << 8) | _head[2], 0);
            }

            var count = Math.Min(_left, bytes.Length);
            TakePayload(bytes[..count]);
            bytes = bytes[count..];
            _left -= count;
            if (_left == 0)
            {
                EndFrame(_head[3], _head[4]);
                _headBytes = 0;
            }
        }
    }

    private void TakePayload(ReadOnlySpan<byte> payload)
    {
        if (_head[3] == FrameWriter.Data)
        {
            _consumed += payload.Length;
            var watch = FindWatch();
            Opened += watch.IsOpen ? 0 : 1;
            watch.IsOpen = true;
            watch.Marks.Take(payload, _onMark);
        }
        else if (_head[3] == FrameWriter.Ping)
        {
            payload.CopyTo(_control.AsSpan(_controlBytes));
            _controlBytes += payload.Length;
        }
    }

    private void EndFrame(byte type, byte flags)
    {
        switch (type)
        {
            case FrameWriter.Settings when (flags & FrameWriter.Acknowledge) == 0:
                Send(FrameWriter.Settings, FrameWriter.Acknowledge, []);
                break;
            case FrameWriter.Ping when (flags & FrameWriter.Acknowledge) == 0:
                Send(FrameWriter.Ping, FrameWriter.Acknowledge, _control[.._controlBytes]);
                break;
            case FrameWriter.Reset:
            case FrameWriter.Data or FrameWriter.Headers when (flags & FrameWriter.EndStream) != 0:
                Ended++;
                break;
            default:
                break;
        }
    }

    private Watch FindWatch() => _watches[(BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(5)) & int.MaxValue) / 2];

    private void Send(byte type, byte flags, byte[] payload) => _socket.Send(Frame(type, flags, 0, payload));

    private sealed class Watch(MarkFinder marks)
    {
        public MarkFinder Marks { get; } = marks;

        public bool IsOpen { get; set; }
    }
}

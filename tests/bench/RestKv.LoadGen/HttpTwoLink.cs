using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RestKv.LoadGen;

/// <summary>
/// One HTTP/2 connection in clear text (prior knowledge) that keeps a fixed number of calls outstanding. It speaks just
/// enough of the protocol to cost a few microseconds a call, so that a client on the same machine hardly disturbs the
/// server. Owned by the thread that runs <see cref="Run"/>.
/// </summary>
internal sealed class HttpTwoLink : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private const int StreamWindowBytes = 1 << 24;
    private const int LinkWindowBytes = 1 << 30;
    private const int RefillBytes = 1 << 28;
    private const ushort InitialWindowSetting = 4;

    private readonly LoadPlan _plan;
    private readonly ICallFormat _format;
    private readonly Random _random;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _incoming = new byte[BufferBytes];
    private readonly byte[] _outgoing = new byte[BufferBytes];
    private readonly Dictionary<int, OpenCall> _open = [];
    private int _due;
    private int _received;
    private int _pending;
    private int _nextStream = 1;
    private long _mayStillSend = 65_535;
    private long _consumed;

    /// <param name="depth">Calls kept outstanding.</param>
    public HttpTwoLink(LoadPlan plan, ICallFormat format, int port, int number, int depth)
    {
        (_plan, _format, _due) = (plan, format, depth);
        _random = new Random(HashCode.Combine(number, Environment.TickCount64));
        _socket.Connect(IPAddress.Loopback, port);
    }

    public Latencies Latencies { get; } = new();

    /// <summary>Good calls, those of the warm-up included.</summary>
    public long Good { get; private set; }

    public long Bad { get; private set; }

    public void Run()
    {
        Greet();
        while (true)
        {
            Issue();
            Send();
            if (_open.Count == 0)
            {
                return;
            }

            var got = _socket.Receive(_incoming, _received, _incoming.Length - _received, SocketFlags.None);
            if (got <= 0)
            {
                Bad += _open.Count;
                return;
            }

            _received += got;
            TakeFrames();
            if (_consumed > RefillBytes)
            {
                WriteWindow((int)_consumed);
                _consumed = 0;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Greet()
    {
        var greeting = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;
        greeting.CopyTo(_outgoing);
        _pending = greeting.Length;
        WriteHead(6, FrameWriter.Settings, 0);
        BinaryPrimitives.WriteUInt16BigEndian(_outgoing.AsSpan(_pending), InitialWindowSetting);
        BinaryPrimitives.WriteInt32BigEndian(_outgoing.AsSpan(_pending + 2), StreamWindowBytes);
        _pending += 6;
        WriteWindow(LinkWindowBytes);
    }

    private void Issue()
    {
        while (_due > 0 && _mayStillSend > _format.BytesMax && _pending + _format.BytesMax < _outgoing.Length)
        {
            if (_plan.NextKey(_random) is not { } key)
            {
                _due = 0;
                return;
            }

            var (written, charged) = _format.Write(_outgoing.AsSpan(_pending), _nextStream, key, _nextStream == 1);
            _pending += written;
            _mayStillSend -= charged;
            _open[_nextStream] = new OpenCall(Stopwatch.GetTimestamp());
            _nextStream += 2;
            _due--;
        }
    }

    private void TakeFrames()
    {
        var at = 0;
        while (_received - at >= FrameWriter.HeadBytes)
        {
            var head = _incoming.AsSpan(at, FrameWriter.HeadBytes);
            var length = (head[0] << 16) | (head[1] << 8) | head[2];
            if (_received - at < FrameWriter.HeadBytes + length)
            {
                break;
            }

            var stream = BinaryPrimitives.ReadInt32BigEndian(head[5..]) & int.MaxValue;
            Take(head[3], head[4], stream, _incoming.AsSpan(at + FrameWriter.HeadBytes, length));
            at += FrameWriter.HeadBytes + length;
        }

        _incoming.AsSpan(at, _received - at).CopyTo(_incoming);
        _received -= at;
    }

    private void Take(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case FrameWriter.Data:
                _consumed += payload.Length;
                TakeAnswer(stream, flags, payload, isHeaders: false);
                break;
            case FrameWriter.Headers:
                TakeAnswer(stream, flags, payload, isHeaders: true);
                break;
            case FrameWriter.Reset when _open.Remove(stream):
                Bad++;
                _due++;
                break;
            case FrameWriter.Settings when (flags & FrameWriter.Acknowledge) == 0:
                WriteHead(0, FrameWriter.Settings, FrameWriter.Acknowledge);
                break;
            case FrameWriter.Ping when (flags & FrameWriter.Acknowledge) == 0:
                WriteHead(payload.Length, FrameWriter.Ping, FrameWriter.Acknowledge);
                payload.CopyTo(_outgoing.AsSpan(_pending));
                _pending += payload.Length;
                break;
            case FrameWriter.WindowUpdate when stream == 0:
                _mayStillSend += BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
                break;
            case FrameWriter.GoAway:
            case FrameWriter.Continuation:
                throw new InvalidDataException($"the server sent a frame of type {type}");
            default:
                break;
        }
    }

    private void TakeAnswer(int stream, byte flags, ReadOnlySpan<byte> payload, bool isHeaders)
    {
        var isGood = isHeaders && _format.IsGood(payload);
        if (!_open.TryGetValue(stream, out var call))
        {
            return;
        }

        call = isHeaders
            ? call with { IsGood = call.IsGood || isGood }
            : call with { HasData = call.HasData || payload.Length > 0 };
        if ((flags & FrameWriter.EndStream) == 0)
        {
            _open[stream] = call;
            return;
        }

        _open.Remove(stream);
        _due++;
        if (!call.IsGood || !(call.HasData || _format.MayBeEmpty))
        {
            Bad++;
            return;
        }

        Good++;
        if (call.Started >= _plan.MeasureFrom && !_plan.IsStopped)
        {
            Latencies.Add(Stopwatch.GetElapsedTime(call.Started));
        }
    }

    private void WriteWindow(int bytes)
    {
        WriteHead(4, FrameWriter.WindowUpdate, 0);
        BinaryPrimitives.WriteInt32BigEndian(_outgoing.AsSpan(_pending), bytes);
        _pending += 4;
    }

    private void WriteHead(int length, byte type, byte flags)
    {
        FrameWriter.Head(_outgoing.AsSpan(_pending), length, type, flags, 0);
        _pending += FrameWriter.HeadBytes;
    }

    private void Send()
    {
        for (var sent = 0; sent < _pending;)
        {
            sent += _socket.Send(_outgoing, sent, _pending - sent, SocketFlags.None);
        }

        _pending = 0;
    }

    private readonly record struct OpenCall(long Started, bool IsGood = false, bool HasData = false);
}

using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace RestKv.Api.Security;

/// <summary>
/// Bounds the extension of a chunk, which Kestrel reads past without a limit of its own. Sits between transport and server
/// and only looks: while a chunked body is being read, at the bytes the server says it has consumed; at all other times it
/// passes everything through. Owned by the connection; one request of it at a time.
/// </summary>
internal sealed class ChunkGuard(PipeReader input) : PipeReader
{
    /// <summary>A size, an extension of 1 KiB and the line's end.</summary>
    private const int LineBytesMax = 1024 + 20;

    // Two more bytes follow the data of a chunk: its line end.
    private const int DataEndBytes = 2;

    private enum Part : byte
    {
        /// <summary>Not inside a chunked body.</summary>
        Outside = 0,
        Size = 1,
        Extension = 2,
        Data = 3,
    }

    private ReadOnlySequence<byte> _read;
    private Part _part;
    private int _lineBytes;
    private long _left;
    private bool _isTooLong;

    /// <summary>Puts a guard before the server of this connection, where the gate finds it.</summary>
    public static ConnectionDelegate Before(ConnectionDelegate next) => connection =>
    {
        var guard = new ChunkGuard(connection.Transport.Input);
        connection.Transport = new GuardedTransport(guard, connection.Transport.Output);
        connection.Features.Set(guard);
        return next(connection);
    };

    /// <summary>The headers of a request with a chunked body have been read: what is consumed next is the body.</summary>
    public void BodyStarts() => (_part, _lineBytes, _left) = (Part.Size, 0, 0);

    public override bool TryRead(out ReadResult result)
    {
        var isRead = input.TryRead(out result);
        _read = result.Buffer;
        return isRead;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        _part == Part.Outside ? input.ReadAsync(cancellationToken) : ReadAndNoteAsync(cancellationToken);

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_part != Part.Outside && !_read.IsEmpty)
        {
            foreach (var segment in _read.Slice(_read.Start, consumed))
            {
                Look(segment.Span);
            }

            _read = default;
        }

        input.AdvanceTo(consumed, examined);
        if (_isTooLong)
        {
            (_part, _isTooLong) = (Part.Outside, false);
            throw new BadHttpRequestException("a chunk extension is longer than 1 KiB");
        }
    }

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => input.CompleteAsync(exception);

    private async ValueTask<ReadResult> ReadAndNoteAsync(CancellationToken cancellationToken)
    {
        var result = await input.ReadAsync(cancellationToken);
        _read = result.Buffer;
        return result;
    }

    private void Look(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && _part != Part.Outside)
        {
            if (_part == Part.Data)
            {
                var skipped = (int)Math.Min(_left, bytes.Length);
                bytes = bytes[skipped..];
                _left -= skipped;
                if (_left == 0)
                {
                    BodyStarts();
                }

                continue;
            }

            LookAtLine(bytes[0]);
            bytes = bytes[1..];
        }
    }

    // The server judges whether the size is a number; here it only has to be the same number.
    private void LookAtLine(byte one)
    {
        _lineBytes++;
        _isTooLong |= _lineBytes > LineBytesMax;
        if (one == (byte)'\n')
        {
            (_part, _left) = _left == 0 ? (Part.Outside, 0) : (Part.Data, _left + DataEndBytes);
            _lineBytes = 0;
        }
        else if (_part == Part.Size && char.IsAsciiHexDigit((char)one) && _left <= int.MaxValue)
        {
            _left = (_left << 4) + HexValue(one);
        }
        else
        {
            _part = Part.Extension;
        }
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private sealed class GuardedTransport(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }
}

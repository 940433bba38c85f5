namespace RestKv.LoadGen;

/// <summary>
/// Takes a HTTP/1.1 answer apart as it arrives: status and headers, then the payload without the framing of chunks.
/// Owned by the thread that reads the stream.
/// </summary>
internal sealed class ChunkReader
{
    private const int HeaderBytesMax = 16 * 1024;

    private readonly List<byte> _headers = [];
    private State _state;
    private long _left;

    private enum State
    {
        Headers,
        Size,
        SizeExtension,
        SizeEnd,
        Payload,
        PayloadReturn,
        PayloadEnd,
        Raw,
    }

    /// <summary>Status line and headers are read; the status was 2xx.</summary>
    public bool IsOpen { get; private set; }

    public void Take(ReadOnlySpan<byte> bytes, PayloadTaker onPayload)
    {
        while (bytes.Length > 0)
        {
            switch (_state)
            {
                case State.Raw:
                    onPayload(bytes);
                    return;
                case State.Payload:
                    var count = (int)Math.Min(_left, bytes.Length);
                    onPayload(bytes[..count]);
                    bytes = bytes[count..];
                    _left -= count;
                    _state = _left == 0 ? State.PayloadReturn : State.Payload;
                    break;
                default:
                    TakeFraming(bytes[0]);
                    bytes = bytes[1..];
                    break;
            }
        }
    }

    private void TakeFraming(byte next)
    {
        switch (_state)
        {
            case State.Headers:
                TakeHeader(next);
                break;
            case State.Size when next == '\r':
                _state = State.SizeEnd;
                break;
            case State.Size when next == ';':
                _state = State.SizeExtension;
                break;
            case State.Size:
                _left = (_left * 16) + HexDigit(next);
                break;
            case State.SizeExtension:
                _state = next == '\r' ? State.SizeEnd : State.SizeExtension;
                break;
            case State.SizeEnd:
                _state = _left == 0 ? throw new InvalidDataException("the server ended the stream") : State.Payload;
                break;
            case State.PayloadReturn:
                _state = State.PayloadEnd;
                break;
            default:
                (_state, _left) = (State.Size, 0);
                break;
        }
    }

    private void TakeHeader(byte next)
    {
        _headers.Add(next);
        if (_headers.Count > HeaderBytesMax)
        {
            throw new InvalidDataException("no end of headers");
        }

        if (next != '\n' || _headers.Count < 4 || _headers[^3] != '\n')
        {
            return;
        }

        var text = System.Text.Encoding.ASCII.GetString([.. _headers]);
        if (!text.StartsWith("HTTP/1.1 2", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"the watch was refused: {text}");
        }

        IsOpen = true;
        _headers.Clear();
        _headers.TrimExcess();
        _state = text.Contains("transfer-encoding: chunked", StringComparison.OrdinalIgnoreCase) ? State.Size : State.Raw;
    }

    private static int HexDigit(byte digit) => (char)digit switch
    {
        >= '0' and <= '9' => digit - '0',
        >= 'a' and <= 'f' => digit - 'a' + 10,
        >= 'A' and <= 'F' => digit - 'A' + 10,
        _ => throw new InvalidDataException("not the size of a chunk"),
    };
}

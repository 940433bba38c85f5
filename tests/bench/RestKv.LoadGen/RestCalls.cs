namespace RestKv.LoadGen;

/// <summary>RestKv's PUT and GET of one key over HTTP/2. An answer is good when its status is 2xx.</summary>
internal sealed class RestCalls : ICallFormat
{
    private const byte PathWithoutIndexing = 4;
    private static readonly byte[] PathStart = "/v1/kv/"u8.ToArray();

    private readonly StatusReader _status = new();
    private readonly byte[] _firstHeaders;
    private readonly byte[] _laterHeaders;
    private readonly byte[] _value;

    public RestCalls(LoadOptions options, string authority)
    {
        var isPut = options.Operation != "get";
        _value = isPut ? Values.Plain(options.ValueBytes) : [];
        List<byte> headers = [0x86];
        if (!isPut)
        {
            headers.Add(0x82);
            FrameWriter.AddRemembered(headers, 1, authority);
            _laterHeaders = [0x86, 0x82, 0xBE];
        }
        else
        {
            FrameWriter.AddRemembered(headers, 2, "PUT");
            FrameWriter.AddRemembered(headers, 1, authority);
            FrameWriter.AddRemembered(headers, 31, "application/octet-stream");
            FrameWriter.AddRemembered(headers, 28, $"{_value.Length}");
            _laterHeaders = [0x86, 0xC1, 0xC0, 0xBF, 0xBE];
        }

        _firstHeaders = [.. headers];
    }

    public int BytesMax => 512 + _value.Length;

    public bool MayBeEmpty => true;

    public (int Written, int Charged) Write(Span<byte> into, int stream, int key, bool isFirst)
    {
        var known = isFirst ? _firstHeaders : _laterHeaders;
        var block = into[FrameWriter.HeadBytes..];

        // The path goes first, since no pseudo header may follow an ordinary field.
        block[0] = PathWithoutIndexing;
        block[1] = (byte)(PathStart.Length + KeyText.Length);
        PathStart.CopyTo(block[2..]);
        KeyText.Write(block[(2 + PathStart.Length)..], 'k', key);
        var length = 2 + PathStart.Length + KeyText.Length;
        known.CopyTo(block[length..]);
        length += known.Length;
        var flags = (byte)(FrameWriter.EndHeaders | (_value.Length == 0 ? FrameWriter.EndStream : 0));
        FrameWriter.Head(into, length, FrameWriter.Headers, flags, stream);
        if (_value.Length == 0)
        {
            return (FrameWriter.HeadBytes + length, 0);
        }

        var frame = block[length..];
        FrameWriter.Head(frame, _value.Length, FrameWriter.Data, FrameWriter.EndStream, stream);
        _value.CopyTo(frame[FrameWriter.HeadBytes..]);
        return ((2 * FrameWriter.HeadBytes) + length + _value.Length, _value.Length);
    }

    public bool IsGood(ReadOnlySpan<byte> headers) => _status.IsGood(headers);
}

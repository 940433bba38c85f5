using System.Buffers.Binary;

namespace RestKv.LoadGen;

/// <summary>
/// etcd's KV.Put and KV.Range over gRPC, with just enough protobuf. An answer is good when it carries a message: a
/// refusal is trailers only.
/// </summary>
internal sealed class GrpcCalls : ICallFormat
{
    private const int PrefixBytes = 5;

    // The headers of the first request are now entries 62 to 65 of the table, the newest first.
    private static readonly byte[] LaterHeaders = [0x83, 0x86, 0xC1, 0xC0, 0xBF, 0xBE];

    private readonly byte[] _firstHeaders;
    private readonly byte[] _value;

    public GrpcCalls(LoadOptions options, string authority)
    {
        var isPut = options.Operation != "get";
        _value = isPut ? Values.Plain(options.ValueBytes) : [];
        List<byte> headers = [0x83, 0x86];
        FrameWriter.AddRemembered(headers, 4, "/etcdserverpb.KV/" + (isPut ? "Put" : "Range"));
        FrameWriter.AddRemembered(headers, 1, authority);
        FrameWriter.AddRemembered(headers, 31, "application/grpc");
        FrameWriter.AddRemembered(headers, "te", "trailers");
        _firstHeaders = [.. headers];
    }

    public int BytesMax => 512 + _value.Length;

    public bool MayBeEmpty => false;

    public (int Written, int Charged) Write(Span<byte> into, int stream, int key, bool isFirst)
    {
        var headers = isFirst ? _firstHeaders : LaterHeaders;
        FrameWriter.Head(into, headers.Length, FrameWriter.Headers, FrameWriter.EndHeaders, stream);
        headers.CopyTo(into[FrameWriter.HeadBytes..]);
        var frame = into[(FrameWriter.HeadBytes + headers.Length)..];
        var message = frame[(FrameWriter.HeadBytes + PrefixBytes)..];
        var length = WriteMessage(message, key);
        FrameWriter.Head(frame, PrefixBytes + length, FrameWriter.Data, FrameWriter.EndStream, stream);
        frame[FrameWriter.HeadBytes] = 0;
        BinaryPrimitives.WriteInt32BigEndian(frame[(FrameWriter.HeadBytes + 1)..], length);
        return ((2 * FrameWriter.HeadBytes) + headers.Length + PrefixBytes + length, PrefixBytes + length);
    }

    public bool IsGood(ReadOnlySpan<byte> headers) => true;

    private int WriteMessage(Span<byte> into, int key)
    {
        into[0] = (1 << 3) | 2;
        into[1] = KeyText.Length;
        KeyText.Write(into[2..], 'k', key);
        var at = 2 + KeyText.Length;
        if (_value.Length == 0)
        {
            return at;
        }

        into[at++] = (2 << 3) | 2;
        var left = _value.Length;
        for (; left > 127; left >>= 7)
        {
            into[at++] = (byte)(left | 128);
        }

        into[at++] = (byte)left;
        _value.CopyTo(into[at..]);
        return at + _value.Length;
    }
}

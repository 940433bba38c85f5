using System.Buffers;

namespace RestKv.Api.Watch;

/// <summary>
/// One JSON object a line, for pipes: the data of the event with its name in front. There are no ids: a client goes on with
/// `from`, one more than the last `modRev` or `rev` it has seen.
/// </summary>
internal sealed class JsonLinesFrameWriter : IFrameWriter
{
    public static readonly JsonLinesFrameWriter Instance = new();

    public int Write(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, long id)
    {
        Raft.Invariant.Check(json.Length > 2 && json[0] == (byte)'{');
        const int Fixed = 32;
        if (json.Length > FrameBuffer.OneSpanMax)
        {
            return WriteLarge(output, name, json);
        }

        var span = output.GetSpan(Fixed + name.Length + json.Length);
        var at = AppendHead(span, name);
        at = FrameBuffer.Append(span, at, json[1..]);
        at = FrameBuffer.Append(span, at, "\n"u8);
        output.Advance(at);
        return at;
    }

    /// <summary>An object as all others: strict readers stumble over empty lines.</summary>
    public int WriteHeartbeat(IBufferWriter<byte> output) => FrameBuffer.Write(output, "{\"event\":\"heartbeat\"}\n"u8);

    public int WriteRetry(IBufferWriter<byte> output, int milliseconds) => 0;

    private static int WriteLarge(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        Span<byte> head = stackalloc byte[64];
        var written = FrameBuffer.Write(output, head[..AppendHead(head, name)]);
        written += FrameBuffer.Write(output, json[1..]);
        return written + FrameBuffer.Write(output, "\n"u8);
    }

    private static int AppendHead(Span<byte> span, ReadOnlySpan<byte> name)
    {
        var at = FrameBuffer.Append(span, 0, "{\"event\":\""u8);
        at = FrameBuffer.Append(span, at, name);
        return FrameBuffer.Append(span, at, "\","u8);
    }
}

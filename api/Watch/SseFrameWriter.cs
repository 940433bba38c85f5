using System.Buffers;

namespace RestKv.Api.Watch;

/// <summary>
/// Server-sent events. The framework's own result offers no comments, encodes for each client anew and decides itself when to
/// flush, hence this one. Data is one JSON line, in which line ends are escaped, so no key or value can forge a frame.
/// </summary>
internal sealed class SseFrameWriter : IFrameWriter
{
    public static readonly SseFrameWriter Instance = new();

    public int Write(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, long id)
    {
        const int Fixed = 32 + FrameBuffer.NumberMax;
        if (json.Length > FrameBuffer.OneSpanMax)
        {
            return WriteLarge(output, name, json, id);
        }

        var span = output.GetSpan(Fixed + name.Length + json.Length);
        var at = AppendHead(span, name);
        at = FrameBuffer.Append(span, at, json);
        at = AppendTail(span, at, id);
        output.Advance(at);
        return at;
    }

    public int WriteHeartbeat(IBufferWriter<byte> output) => FrameBuffer.Write(output, ": hb\n\n"u8);

    public int WriteRetry(IBufferWriter<byte> output, int milliseconds)
    {
        var span = output.GetSpan(32);
        var at = FrameBuffer.Append(span, 0, "retry: "u8);
        at = FrameBuffer.Append(span, at, milliseconds);
        at = FrameBuffer.Append(span, at, "\n\n"u8);
        output.Advance(at);
        return at;
    }

    private static int WriteLarge(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, long id)
    {
        Span<byte> edge = stackalloc byte[96];
        var head = FrameBuffer.Write(output, edge[..AppendHead(edge, name)]);
        var body = FrameBuffer.Write(output, json);
        return head + body + FrameBuffer.Write(output, edge[..AppendTail(edge, 0, id)]);
    }

    private static int AppendHead(Span<byte> span, ReadOnlySpan<byte> name)
    {
        var at = FrameBuffer.Append(span, 0, "event: "u8);
        at = FrameBuffer.Append(span, at, name);
        return FrameBuffer.Append(span, at, "\ndata: "u8);
    }

    private static int AppendTail(Span<byte> span, int at, long id)
    {
        if (id < 0)
        {
            return FrameBuffer.Append(span, at, "\n\n"u8);
        }

        at = FrameBuffer.Append(span, at, "\nid: "u8);
        at = FrameBuffer.Append(span, at, id);
        return FrameBuffer.Append(span, at, "\n\n"u8);
    }
}

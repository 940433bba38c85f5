using System.Buffers;

namespace RestKv.Api.Watch;

/// <summary>Puts events on the wire in one format. Stateless; the same instance serves all streams.</summary>
internal interface IFrameWriter
{
    /// <summary>One event. Returns the bytes written.</summary>
    /// <param name="name">One of <see cref="EventNames"/>.</param>
    /// <param name="json">A JSON object on one line, never empty.</param>
    /// <param name="id">What a client resumes after; negative for none.</param>
    int Write(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, long id);

    /// <summary>Says that the stream lives.</summary>
    int WriteHeartbeat(IBufferWriter<byte> output);

    /// <summary>How long a client that is cut off waits before it comes back.</summary>
    int WriteRetry(IBufferWriter<byte> output, int milliseconds);
}

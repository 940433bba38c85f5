using System.Net;
using RestKv.Storage.Snapshots;

namespace RestKv.Api.Peers;

/// <summary>
/// The body of a snapshot's transfer: hello, offer, and, once the receiver has said from where, the bytes of the file. The
/// connection's own back-pressure sets the pace, which is that of the receiver's disk.
/// </summary>
internal sealed class PeerSnapshotContent(
    byte[] hello, PeerSnapshotOffer offer, SnapshotFileBytes file, Task<long> from, PeerCounters counters, Action onProgress) : HttpContent
{
    private const int BytesPerWrite = 256 << 10;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var frames = new PeerFrameWriter();
        frames.Add(hello);
        frames.Add(offer.Encode());
        await stream.WriteAsync(frames.Written, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        var offset = await from.WaitAsync(cancellationToken);
        var chunk = new byte[BytesPerWrite];
        while (offset < offer.Bytes)
        {
            var count = file.ReadAt(offset, chunk);
            if (count == 0)
            {
                throw new EndOfStreamException("the snapshot file is shorter than it was");
            }

            await stream.WriteAsync(chunk.AsMemory(0, count), cancellationToken);
            offset += count;
            counters.SnapshotSent(count);
            onProgress();
        }

        await stream.FlushAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

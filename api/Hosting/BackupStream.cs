using System.Buffers;
using System.Threading.Channels;
using RestKv.Core;
using RestKv.Storage.Snapshots;

namespace RestKv.Api.Hosting;

/// <summary>
/// Sends a state out as the bytes of a snapshot file, no faster than they are taken: the encoder runs on a thread of its own
/// and stops while so many blocks lie ready, so a backup of any size takes the memory of a few chunks.
/// </summary>
internal static class BackupStream
{
    private const int BlocksReadyMax = 2;

    /// <param name="output">Sends one block; it may be used until the task is done.</param>
    /// <returns>Digests of what was sent: only now the file is whole.</returns>
    public static async Task<SnapshotDigests> SendAsync(
        BackupImage backup, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> output, CancellationToken cancellationToken)
    {
        using var room = new SemaphoreSlim(BlocksReadyMax);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var blocks = Channel.CreateUnbounded<Block>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var encoding = Task.Factory.StartNew(
            () => Encode(backup, blocks.Writer, room, stop.Token),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await foreach (var block in blocks.Reader.ReadAllAsync(cancellationToken))
            {
                try
                {
                    await output(block.RentedBytes.AsMemory(0, block.Length), cancellationToken);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(block.RentedBytes);
                }

                room.Release();
            }

            return await encoding;
        }
        finally
        {
            // The encoder may be waiting for room that nobody makes any more. Its failure, if any, came out above.
            await stop.CancelAsync();
            await ((Task)encoding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static SnapshotDigests Encode(
        BackupImage backup, ChannelWriter<Block> blocks, SemaphoreSlim room, CancellationToken stop)
    {
        Exception? fault = null;
        try
        {
            using var encoder = new SnapshotEncoder(backup.Cluster, backup.Mark, bytes =>
            {
                room.Wait(stop);
                var rented = ArrayPool<byte>.Shared.Rent(bytes.Length);
                bytes.CopyTo(rented);
                blocks.TryWrite(new Block(rented, bytes.Length));
            });
            SnapshotCodec.Write(backup.Image, encoder);
            return encoder.End();
        }
        catch (Exception failure)
        {
            fault = failure;
            throw;
        }
        finally
        {
            blocks.Complete(fault);
        }
    }

    private readonly record struct Block(byte[] RentedBytes, int Length);
}

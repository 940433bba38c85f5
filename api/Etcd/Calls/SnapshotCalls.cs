using System.Security.Cryptography;
using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Hosting;
using RestKv.Storage.Snapshots;

namespace RestKv.Api.Etcd.Calls;

/// <summary>
/// Maintenance.Snapshot: a backup that `restkv restore` takes, in pieces, and at the end the SHA-256 of all before it. etcd's tools
/// ask for a file of whole disk sectors, so it is filled up with zeros.
/// </summary>
internal sealed class SnapshotCalls(EtcdNode etcd, IBackupSource source) : IDisposable
{
    private const int PieceBytes = 32 * 1024;

    private const int SnapshotsMax = 2;

    private readonly SemaphoreSlim _slots = new(SnapshotsMax);

    public void Dispose() => _slots.Dispose();

    public async Task SnapshotAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call)
    {
        await requests.NextAsync(call.Aborted);
        await etcd.ReadAsync(call, isSerializable: true, EtcdNeed.Admin);
        if (!await _slots.WaitAsync(0, call.Aborted))
        {
            throw EtcdFaults.TooManyRequests();
        }

        try
        {
            var backup = await source.CaptureAsync(call.Aborted);

            // Written twice: each piece tells how much is left, and only the end of the first pass knows how much there is.
            var length = 0L;
            await BackupStream.SendAsync(
                backup,
                (block, _) =>
                {
                    length += block.Length;
                    return ValueTask.CompletedTask;
                },
                call.Aborted);
            await SendAsync(backup, BackupPadding.LengthWith(length), length, replies, call);
        }
        finally
        {
            _slots.Release();
        }
    }

    private static async Task SendAsync(BackupImage backup, long total, long length, IEtcdReplies replies, EtcdCall call)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var left = total;
        await BackupStream.SendAsync(backup, (block, stop) => SendPiecesAsync(block, stop), call.Aborted);
        await SendPiecesAsync(new byte[total - length], call.Aborted);
        await replies.SendAsync(
            new SnapshotResponse { Blob = UnsafeByteOperations.UnsafeWrap(digest.GetHashAndReset()) }, call.Aborted);

        async ValueTask SendPiecesAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
        {
            while (!bytes.IsEmpty)
            {
                var piece = bytes[..Math.Min(PieceBytes, bytes.Length)];
                bytes = bytes[piece.Length..];
                digest.AppendData(piece.Span);
                left -= piece.Length;

                // Whoever takes the message may keep it; the block is used again.
                var message = new SnapshotResponse { Blob = ByteString.CopyFrom(piece.Span), RemainingBytes = (ulong)left };
                await replies.SendAsync(message, stop);
            }
        }
    }
}

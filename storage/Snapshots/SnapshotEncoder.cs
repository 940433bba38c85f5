using System.Security.Cryptography;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Storage.Snapshots;

/// <summary>
/// Turns data into the bytes of a snapshot file (DESIGN.md, "Snapshot format") and hands them on block by block, to a file or
/// to a network: it holds one chunk and no more. Without <see cref="End"/> there is no footer, so what was handed on cannot
/// be taken for a whole file. Owned by one thread.
/// </summary>
public sealed class SnapshotEncoder : ISnapshotSink, IDisposable
{
    /// <summary>Largest block that is handed on.</summary>
    public const int BlockBytesMax = SnapshotFormat.ChunkHeaderBytes + SnapshotFormat.ChunkBytes;

    private const int InitialBytes = 16 << 10;

    private readonly SnapshotPut _put;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly uint _headerChecksum;
    private byte[] _chunk = new byte[InitialBytes];
    private int _used = SnapshotFormat.ChunkHeaderBytes;
    private long _chunks;
    private bool _isEnded;

    /// <summary>Hands on the header at once.</summary>
    public SnapshotEncoder(ClusterId cluster, SnapshotMark mark, SnapshotPut put)
    {
        _put = put;
        var header = new byte[SnapshotFormat.HeaderBytes];
        _headerChecksum = new SnapshotHeader(cluster, mark).WriteTo(header);
        Put(header);
    }

    /// <summary>Bytes taken so far.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Bytes handed on so far.</summary>
    public long FileBytes { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Invariant.Check(!_isEnded);
        DataBytes += bytes.Length;
        while (!bytes.IsEmpty)
        {
            var step = Math.Min(bytes.Length, BlockBytesMax - _used);
            if (_chunk.Length < _used + step)
            {
                Array.Resize(ref _chunk, Math.Min(BlockBytesMax, Math.Max(_used + step, 2 * _chunk.Length)));
            }

            bytes[..step].CopyTo(_chunk.AsSpan(_used));
            _used += step;
            bytes = bytes[step..];
            if (_used == BlockBytesMax)
            {
                PutChunk();
            }
        }
    }

    /// <summary>Hands on what is left and the footer, which makes the file whole.</summary>
    public SnapshotDigests End()
    {
        Invariant.Check(!_isEnded);
        _isEnded = true;
        if (_used > SnapshotFormat.ChunkHeaderBytes)
        {
            PutChunk();
        }

        var content = _hash.GetCurrentHash();
        var footer = new byte[SnapshotFormat.FooterBytes];
        new SnapshotFooter(DataBytes).WriteTo(footer, content);
        Put(footer);
        Invariant.Check(FileBytes == SnapshotFormat.FileBytes(DataBytes));
        return new SnapshotDigests(content, _hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    private void PutChunk()
    {
        var chunk = _chunk.AsSpan(0, _used);
        SnapshotChunk.Seal(chunk, _headerChecksum, _chunks++);
        Put(chunk);
        _used = SnapshotFormat.ChunkHeaderBytes;
    }

    private void Put(ReadOnlySpan<byte> block)
    {
        _hash.AppendData(block);
        _put(block);
        FileBytes += block.Length;
    }
}

using System.Security.Cryptography;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Storage.Snapshots;

/// <summary>
/// Reads one snapshot; no byte is given out before the check sum of its chunk has been verified. Owned by one task.
/// </summary>
public sealed class SnapshotReader : ISnapshotSource, IDisposable
{
    private readonly IFile _file;
    private readonly string _path;
    private readonly uint _headerChecksum;
    private readonly byte[] _digest;
    private byte[] _chunk = [];
    private int _used;
    private int _length;
    private long _nextChunk;
    private long _dataLeft;

    private SnapshotReader(IFile file, string path, SnapshotHeader header, uint headerChecksum, long dataBytes, byte[] digest)
    {
        _file = file;
        _path = path;
        Mark = header.Mark;
        Cluster = header.Cluster;
        DataBytes = dataBytes;
        _headerChecksum = headerChecksum;
        _digest = digest;
        _dataLeft = dataBytes;
    }

    public SnapshotMark Mark { get; }

    public ClusterId Cluster { get; }

    /// <summary>Bytes that <see cref="Read"/> gives in all.</summary>
    public long DataBytes { get; }

    /// <summary>SHA-256 of header and chunks in hexadecimal, as the footer states it.</summary>
    public string Digest => Convert.ToHexStringLower(_digest);

    /// <exception cref="SnapshotCorruptException">Header or footer is damaged, or the length is wrong.</exception>
    internal static SnapshotReader Open(IFileSystem files, string path)
    {
        var reader = OpenUnnamed(files, path);
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (!SnapshotFormat.TryParseName(name, out var index, out var term)
            || index != reader.Mark.Index || term != reader.Mark.Term)
        {
            reader.Dispose();
            throw new SnapshotCorruptException(path, 0, $"it holds the snapshot of index {reader.Mark.Index}");
        }

        return reader;
    }

    /// <summary>Opens a backup, which may have any name. Nothing but header and footer is checked yet.</summary>
    /// <exception cref="SnapshotCorruptException">Header or footer is damaged, or the length is wrong.</exception>
    public static SnapshotReader OpenBackup(IFileSystem files, string path) => Open(files, path, mayBePadded: true);

    /// <summary>A file that has not got its name yet.</summary>
    internal static SnapshotReader OpenUnnamed(IFileSystem files, string path) => Open(files, path, mayBePadded: false);

    private static SnapshotReader Open(IFileSystem files, string path, bool mayBePadded)
    {
        var file = files.Open(path, writable: false);
        try
        {
            var end = mayBePadded && BackupPadding.IsPossible(file.Length) ? BackupPadding.FindEnd(file) : 0;
            return OpenChecked(file, path, end > 0 ? end : file.Length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public int Read(Span<byte> into)
    {
        if (into.IsEmpty)
        {
            return 0;
        }

        if (_used == _length && !LoadChunk())
        {
            return 0;
        }

        var count = Math.Min(into.Length, _length - _used);
        _chunk.AsSpan(_used, count).CopyTo(into);
        _used += count;
        return count;
    }

    /// <summary>Reads the whole file and compares chunk sums and digest; afterwards reading starts at the beginning.</summary>
    /// <exception cref="SnapshotCorruptException">Anything is not as it was written.</exception>
    public void Verify()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var header = new byte[SnapshotFormat.HeaderBytes];
        ReadExactly(_file, _path, 0, header);
        hash.AppendData(header);
        Rewind();
        while (LoadChunk())
        {
            hash.AppendData(_chunk.AsSpan(0, _length));
        }

        Rewind();
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(_digest))
        {
            throw new SnapshotCorruptException(_path, 0, "the digest of the file is wrong");
        }

        if (_file.Length > SnapshotFormat.FileBytes(DataBytes) && !BackupPadding.IsIntact(_file))
        {
            throw new SnapshotCorruptException(_path, SnapshotFormat.FileBytes(DataBytes), "what follows the backup is not as it was written");
        }
    }

    public void Dispose() => _file.Dispose();

    private static SnapshotReader OpenChecked(IFile file, string path, long length)
    {
        if (length < SnapshotFormat.FileBytes(0))
        {
            throw new SnapshotCorruptException(path, length, "the file is too short");
        }

        var block = new byte[SnapshotFormat.HeaderBytes];
        ReadExactly(file, path, 0, block);
        var header = SnapshotHeader.TryRead(block, out var checksum)
            ?? throw new SnapshotCorruptException(path, 0, "the header is not intact");
        var footerOffset = length - SnapshotFormat.FooterBytes;
        ReadExactly(file, path, footerOffset, block.AsSpan(0, SnapshotFormat.FooterBytes));
        if (!SnapshotFooter.TryRead(block.AsSpan(0, SnapshotFormat.FooterBytes), out var footer, out var digest)
            || SnapshotFormat.FileBytes(footer.DataBytes) != length)
        {
            throw new SnapshotCorruptException(path, footerOffset, "the footer is not intact");
        }

        return new SnapshotReader(file, path, header, checksum, footer.DataBytes, digest);
    }

    private static void ReadExactly(IFile file, string path, long offset, Span<byte> into)
    {
        try
        {
            if (file.ReadAt(offset, into) != into.Length)
            {
                throw new SnapshotCorruptException(path, offset, "the file ends early");
            }
        }
        catch (StorageIoException e) when (e.ErrorNumber == ErrorNumbers.InputOutput)
        {
            throw new SnapshotCorruptException(path, offset, e.Message);
        }
    }

    private void Rewind()
    {
        _nextChunk = 0;
        _dataLeft = DataBytes;
        _used = 0;
        _length = 0;
    }

    private bool LoadChunk()
    {
        if (_dataLeft == 0)
        {
            return false;
        }

        if (_chunk.Length == 0)
        {
            _chunk = new byte[SnapshotFormat.ChunkHeaderBytes + (int)Math.Min(SnapshotFormat.ChunkBytes, DataBytes)];
        }

        var dataBytes = (int)Math.Min(SnapshotFormat.ChunkBytes, _dataLeft);
        var offset = SnapshotChunk.OffsetOf(_nextChunk);
        var chunk = _chunk.AsSpan(0, SnapshotFormat.ChunkHeaderBytes + dataBytes);
        ReadExactly(_file, _path, offset, chunk);
        if (!SnapshotChunk.IsIntact(chunk, _headerChecksum, _nextChunk))
        {
            throw new SnapshotCorruptException(_path, offset, $"chunk {_nextChunk} is not as it was written");
        }

        _nextChunk++;
        _dataLeft -= dataBytes;
        _used = SnapshotFormat.ChunkHeaderBytes;
        _length = chunk.Length;
        return true;
    }
}

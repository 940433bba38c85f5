using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Storage.Snapshots;

/// <summary>
/// Writes one snapshot aside and, on <see cref="Complete"/>, makes it durable under its name. Disposed before that, it
/// leaves nothing. Owned by one background task.
/// </summary>
public sealed class SnapshotWriter : ISnapshotSink, IDisposable
{
    /// <summary>Synced block by block, so that a log flush elsewhere never waits behind more than that.</summary>
    private const long BytesPerSync = SnapshotEncoder.BlockBytesMax;

    private readonly IFileSystem _files;
    private readonly SpaceReserve _reserve;
    private readonly SnapshotMark _mark;
    private readonly string _partPath;
    private readonly IFile _file;
    private readonly SnapshotEncoder _encoder;
    private readonly IWritePace _pace;
    private readonly CancellationToken _abandon;
    private long _offset;
    private long _synced;
    private bool _completed;

    internal SnapshotWriter(
        IFileSystem files, SpaceReserve reserve, ClusterId cluster, SnapshotMark mark, string partPath, IWritePace pace,
        CancellationToken abandon = default)
    {
        _pace = pace;
        _abandon = abandon;
        _files = files;
        _reserve = reserve;
        _mark = mark;
        _partPath = partPath;
        _file = reserve.Attempt(() => files.Create(partPath));
        _encoder = new SnapshotEncoder(cluster, mark, Put);
    }

    /// <summary>Bytes taken so far.</summary>
    public long DataBytes => _encoder.DataBytes;

    /// <exception cref="OperationCanceledException">It was abandoned; all that is left is to dispose it.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Invariant.Check(!_completed);
        _encoder.Write(bytes);
    }

    /// <summary>Ends the file, syncs it and gives it its name; when this returns, the snapshot survives a crash.</summary>
    public SnapshotInfo Complete()
    {
        Invariant.Check(!_completed);
        var digests = _encoder.End();
        if (!Defects.Has(Defect.SkipSnapshotSync))
        {
            _file.Sync();
        }

        _files.Rename(_partPath, SnapshotFormat.PathOf(_mark.Index, _mark.Term));
        _completed = true;
        _files.SyncDirectory(SnapshotFormat.Directory);
        return new SnapshotInfo(_mark, DataBytes, Convert.ToHexStringLower(digests.Content));
    }

    public void Dispose()
    {
        _file.Dispose();
        _encoder.Dispose();
        if (!_completed && _files.Exists(_partPath))
        {
            _files.Remove(_partPath);
        }

        _completed = true;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _file.WriteAt(_offset, bytes);
        }
        catch (StorageIoException e) when (e.IsNoSpace)
        {
            if (!_reserve.Release())
            {
                throw;
            }

            _file.WriteAt(_offset, bytes);
        }

        _offset += bytes.Length;
        if (_offset - _synced >= BytesPerSync)
        {
            _file.Sync();
            _synced = _offset;
            _pace.Rest();
            _abandon.ThrowIfCancellationRequested();
        }
    }
}

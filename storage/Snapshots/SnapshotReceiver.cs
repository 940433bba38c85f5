using RestKv.Raft;

namespace RestKv.Storage.Snapshots;

/// <summary>
/// Takes the bytes of another member's snapshot file, in order, and keeps them aside until <see cref="Complete"/> has proved
/// that they are one. A transfer that breaks off goes on at <see cref="Offset"/>: equal snapshots are equal files on every
/// member. Disposed before it is complete, it leaves nothing. Owned by one background task.
/// </summary>
public sealed class SnapshotReceiver : IDisposable
{
    /// <summary>Synced in steps, so that a log flush elsewhere never waits behind a whole snapshot.</summary>
    private const int BytesPerSync = 4 << 20;

    private readonly IFileSystem _files;
    private readonly SpaceReserve _reserve;
    private readonly SnapshotCatalog _catalog;
    private readonly ClusterId _cluster;
    private readonly string _partPath;
    private readonly int _kept;
    private readonly IFile _file;
    private long _unsynced;
    private bool _isOver;

    internal SnapshotReceiver(IFileSystem files, SpaceReserve reserve, SnapshotCatalog catalog, ClusterId cluster, int kept)
    {
        _files = files;
        _reserve = reserve;
        _catalog = catalog;
        _cluster = cluster;
        _kept = kept;
        _partPath = catalog.NextPartPath();
        _file = reserve.Attempt(() => files.Create(_partPath));
    }

    /// <summary>Bytes taken so far: where the sender goes on.</summary>
    public long Offset { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Invariant.Check(!_isOver);
        try
        {
            _file.WriteAt(Offset, bytes);
        }
        catch (StorageIoException e) when (e.IsNoSpace && _reserve.Release())
        {
            _file.WriteAt(Offset, bytes);
        }

        Offset += bytes.Length;
        _unsynced += bytes.Length;
        if (_unsynced >= BytesPerSync)
        {
            _file.Sync();
            _unsynced = 0;
        }
    }

    /// <summary>
    /// Makes the file durable under its name, having read it through; when this returns, recovery builds on it. An older log
    /// may stay: what it holds beyond the snapshot counts only if it leads there.
    /// </summary>
    /// <exception cref="SnapshotCorruptException">The bytes are not a whole, intact snapshot of this cluster; nothing is kept.</exception>
    public SnapshotMark Complete()
    {
        Invariant.Check(!_isOver);

        // 1. Content: durable, then proved.
        _file.Sync();
        var mark = Verify();

        // 2. Name.
        _files.Rename(_partPath, SnapshotFormat.PathOf(mark.Index, mark.Term));
        _isOver = true;
        _files.SyncDirectory(SnapshotFormat.Directory);

        // 3. What it makes superfluous.
        _catalog.Add(mark);
        _catalog.Prune(_reserve.IsShort ? SnapshotCatalog.KeptMin : _kept);
        return mark;
    }

    public void Dispose()
    {
        _file.Dispose();
        if (!_isOver && _files.Exists(_partPath))
        {
            _files.Remove(_partPath);
        }

        _isOver = true;
    }

    private SnapshotMark Verify()
    {
        using var reader = SnapshotReader.OpenUnnamed(_files, _partPath);
        if (reader.Cluster != _cluster)
        {
            throw new SnapshotCorruptException(_partPath, 0, $"it belongs to cluster {reader.Cluster}");
        }

        reader.Verify();
        return reader.Mark;
    }
}

using System.Globalization;
using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>
/// Files ready to become segments: zero-filled ahead of need, or recycled. Taken by the thread of the log, filled by a
/// background task. A file's old content is harmless: its sums belong to another segment number, or it is blanked.
/// </summary>
internal sealed class WalSegmentPool
{
    /// <summary>Written and synced at a time, ahead of need.</summary>
    private const int StepBytes = 1 << 20;

    private readonly IFileSystem _files;
    private readonly long _segmentBytes;
    private readonly int _sparesMax;
    private readonly SpaceReserve _reserve;
    private readonly Queue<string> _spares = new();

    // A lock and not a queue of requests: it guards two fields for the time of an assignment, never an input or output.
    private readonly Lock _gate = new();
    private long _nextNumber = 1;

    public WalSegmentPool(IFileSystem files, long segmentBytes, int sparesMax, SpaceReserve reserve)
    {
        Invariant.Check(segmentBytes >= WalFormat.SegmentBytesMin);
        Invariant.Check(segmentBytes % WalFormat.SectorBytes == 0);
        Invariant.Check(sparesMax >= 1);
        _files = files;
        _segmentBytes = segmentBytes;
        _sparesMax = sparesMax;
        _reserve = reserve;
    }

    public long SegmentBytes => _segmentBytes;

    /// <summary>Takes over the spare files of the last life and removes what it left half made.</summary>
    public void Adopt()
    {
        var changed = false;
        foreach (var name in _files.List(WalFormat.Directory))
        {
            var path = $"{WalFormat.Directory}/{name}";
            if (name.EndsWith(WalFormat.SpareSuffix, StringComparison.Ordinal) && IsUsable(path))
            {
                _nextNumber = Math.Max(_nextNumber, NumberOf(name) + 1);
                Blank(path);
                _spares.Enqueue(path);
            }
            else if (name.EndsWith(WalFormat.SpareSuffix, StringComparison.Ordinal)
                || name.EndsWith(WalFormat.PartSuffix, StringComparison.Ordinal))
            {
                _files.Remove(path);
                changed = true;
            }
        }

        if (changed)
        {
            _files.SyncDirectory(WalFormat.Directory);
        }
    }

    /// <summary>Sees to it that one file is ready. For a background task: it writes and syncs a whole segment.</summary>
    public void Prepare(IWritePace pace)
    {
        if (Count() == 0)
        {
            Add(CreateSpare(part => CreateSlowly(part, pace)));
        }
    }

    /// <summary>A file of at least the given size; made on the spot when none is ready.</summary>
    public string Take(long bytesNeeded)
    {
        if (bytesNeeded <= _segmentBytes)
        {
            lock (_gate)
            {
                if (_spares.TryDequeue(out var path))
                {
                    return path;
                }
            }
        }

        var bytes = Math.Max(_segmentBytes, WalFormat.AlignToSector(bytesNeeded));
        return CreateSpare(part => _files.Create(part, bytes));
    }

    /// <summary>Returns a file that was taken and not written.</summary>
    public void GiveBack(string path) => Add(path);

    /// <summary>
    /// Keeps a segment that is no longer needed as a spare, or removes it. The new name is durable before the file can be
    /// overwritten: otherwise a crash could bring the old name back with another segment's content.
    /// </summary>
    public void Recycle(WalSegment segment)
    {
        if (Count() < _sparesMax && LengthOf(segment.Path) == _segmentBytes)
        {
            var spare = NextPath(WalFormat.SpareSuffix);
            _files.Rename(segment.Path, spare);
            _files.SyncDirectory(WalFormat.Directory);
            Add(spare);
            return;
        }

        _files.Remove(segment.Path);
        _files.SyncDirectory(WalFormat.Directory);
    }

    private static long NumberOf(string name) =>
        long.TryParse(
            name.AsSpan(0, name.Length - WalFormat.SpareSuffix.Length),
            NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : 0;

    /// <param name="create">Makes the file, zero-filled and synced, or leaves nothing behind.</param>
    private string CreateSpare(Func<string, IFile> create)
    {
        var part = NextPath(WalFormat.PartSuffix);
        _reserve.Attempt(() => create(part)).Dispose();
        var spare = NextPath(WalFormat.SpareSuffix);
        _files.Rename(part, spare);
        return spare;
    }

    /// <summary>As the file system would do it at once, in steps between which the log has the disk for itself.</summary>
    private IFile CreateSlowly(string part, IWritePace pace)
    {
        var file = _files.Create(part);
        try
        {
            var zeros = new byte[Math.Min(StepBytes, _segmentBytes)];
            for (var offset = 0L; offset < _segmentBytes; offset += zeros.Length)
            {
                file.WriteAt(offset, zeros.AsSpan(0, (int)Math.Min(zeros.Length, _segmentBytes - offset)));
                file.Sync();
                pace.Rest();
            }

            return file;
        }
        catch (StorageIoException e) when (e.IsNoSpace)
        {
            file.Dispose();
            _files.Remove(part);
            throw;
        }
        catch (StorageIoException)
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A power cut may undo the name that a spare got as a segment and keep what was written to it: the heads of a segment
    /// and of its first frame, of the very number it may be given next. They must not be taken for those of that life.
    /// </summary>
    private void Blank(string path)
    {
        using var file = _files.Open(path, writable: true);
        file.WriteAt(0, new byte[2 * WalFormat.SectorBytes]);
        file.Sync();
    }

    private bool IsUsable(string path) => _spares.Count < _sparesMax && LengthOf(path) == _segmentBytes;

    private long LengthOf(string path)
    {
        using var file = _files.Open(path, writable: false);
        return file.Length;
    }

    private int Count()
    {
        lock (_gate)
        {
            return _spares.Count;
        }
    }

    private void Add(string path)
    {
        lock (_gate)
        {
            _spares.Enqueue(path);
        }
    }

    private string NextPath(string suffix)
    {
        lock (_gate)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{WalFormat.Directory}/{_nextNumber++:D20}{suffix}");
        }
    }
}

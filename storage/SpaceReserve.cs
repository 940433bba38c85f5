using RestKv.Raft;

namespace RestKv.Storage;

/// <summary>
/// A file that holds space back for the day the disk is full: it is given up at the first refusal, so that deletes,
/// compaction and snapshots, which also write, still get through. While <see cref="IsShort"/> the owner must refuse
/// writes that grow the data. Safe from any thread.
/// </summary>
public sealed class SpaceReserve
{
    internal const string FileName = "reserve";
    internal const string PartName = FileName + ".part";

    private readonly IFileSystem _files;
    private readonly long _reserveBytes;
    private readonly long _headroomBytes;

    // A lock and not a queue: the log, a snapshot and the background task may meet a full disk in the same moment, rarely.
    private readonly Lock _gate = new();
    private volatile bool _isShort;

    /// <param name="files">The data directory.</param>
    /// <param name="reserveBytes">Size of the reserve; 0 keeps none.</param>
    /// <param name="headroomBytes">Free space wanted besides, before the shortage counts as over.</param>
    internal SpaceReserve(IFileSystem files, long reserveBytes, long headroomBytes)
    {
        Invariant.Check(reserveBytes >= 0);
        _files = files;
        _reserveBytes = reserveBytes;
        _headroomBytes = headroomBytes;
    }

    /// <summary>True from the first refusal for lack of space until <see cref="TryRestore"/> has succeeded.</summary>
    public bool IsShort => _isShort;

    /// <summary>
    /// Makes the reserve if it is not there and there is room; ends a shortage. Called at start and from time to time;
    /// writes the whole reserve, so not on the thread of the log.
    /// </summary>
    /// <returns>True when the reserve is in place.</returns>
    public bool TryRestore()
    {
        lock (_gate)
        {
            if (!_isShort && (_reserveBytes == 0 || _files.Exists(FileName)))
            {
                return true;
            }

            if (_files.FreeBytes() < _reserveBytes + _headroomBytes)
            {
                _isShort = true;
                return false;
            }

            try
            {
                Make();
            }
            catch (StorageIoException e) when (e.IsNoSpace)
            {
                _isShort = true;
                return false;
            }

            _isShort = false;
            return true;
        }
    }

    /// <summary>Runs an action that needs new space; when the disk refuses, gives up the reserve and runs it once more.</summary>
    /// <param name="action">Must leave nothing behind when it fails for lack of space.</param>
    internal T Attempt<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (StorageIoException e) when (e.IsNoSpace)
        {
            if (!Release())
            {
                throw;
            }
        }

        return action();
    }

    /// <summary>Gives up the reserve; false when there is none.</summary>
    internal bool Release()
    {
        lock (_gate)
        {
            _isShort = true;
            if (!_files.Exists(FileName))
            {
                return false;
            }

            _files.Remove(FileName);
            _files.SyncDirectory(string.Empty);
            return true;
        }
    }

    private void Make()
    {
        if (_reserveBytes == 0 || _files.Exists(FileName))
        {
            return;
        }

        if (_files.Exists(PartName))
        {
            _files.Remove(PartName);
        }

        _files.Create(PartName, _reserveBytes).Dispose();
        _files.Rename(PartName, FileName);
        _files.SyncDirectory(string.Empty);
    }
}

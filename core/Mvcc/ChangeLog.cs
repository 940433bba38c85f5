namespace RestKv.Core.Mvcc;

/// <summary>
/// The order of all retained changes: not a copy of them, only where the runs of records begin. Owned by the writer; a
/// <see cref="LogWindow"/> is what readers get. Entries below a window's end are written once, before it is taken, except
/// for the open one, of which a window reads nothing but the address.
/// </summary>
internal sealed class ChangeLog(int runBytes)
{
    private LogRun[] _runs = new LogRun[64];
    private int _start;
    private int _count;
    private long _lastRevision;

    public LogWindow Window => new(_runs, _start, _count, _count == 0 ? 0 : _runs[_count - 1].Length);

    public void Append(long address, int size, long revision)
    {
        if (_count > 0)
        {
            ref var open = ref _runs[_count - 1];
            if (open.Address + open.Length == address && open.Length < runBytes)
            {
                open.Length += size;
                _lastRevision = revision;
                return;
            }

            open.LastRevision = _lastRevision;
        }

        if (_count == _runs.Length)
        {
            MakeRoom();
        }

        _runs[_count] = new LogRun { Address = address, Length = size };
        _count++;
        _lastRevision = revision;
    }

    /// <summary>Forgets runs that end below the revision; the open run stays.</summary>
    public void DropBefore(long revision)
    {
        while (_start < _count - 1 && _runs[_start].LastRevision < revision)
        {
            _start++;
        }
    }

    /// <summary>Forgets all runs, the open one too. Into a new array: windows hold the old one.</summary>
    public void Clear() => (_runs, _start, _count) = (new LogRun[_runs.Length], 0, 0);

    /// <summary>Always into a new array: windows hold the old one.</summary>
    private void MakeRoom()
    {
        var kept = _count - _start;
        var runs = new LogRun[Math.Max(64, kept * 2)];
        Array.Copy(_runs, _start, runs, 0, kept);
        (_runs, _start, _count) = (runs, 0, kept);
    }
}

using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>
/// Appends to the log. Passive: whoever owns it calls <see cref="Append"/> as often as there are batches and then
/// <see cref="Flush"/> once, which costs one write and one sync however much was appended.
/// Owned by the thread of the log; <see cref="PrepareSegment"/> alone may run elsewhere.
/// </summary>
public sealed class WalWriter : IDisposable
{
    private readonly IFileSystem _files;
    private readonly WalOwner _owner;
    private readonly WalSegmentPool _pool;
    private readonly WalSegmentList _segments;
    private readonly WalBuffer _buffer = new();

    // The end of what is durable, and the segment that is being written, if any.
    private WalPosition _end;
    private uint _chain;
    private long _nextFlush;
    private IFile? _active;
    private long _activeBytes;
    private ulong _activeSalt;
    private bool _lastFrameIsWitness;

    // What a new segment opens with: the first hard state that waits. The newest may have a later term than records behind it.
    private HardState? _firstPendingHardState;

    // The state of the log with everything appended, flushed or not.
    private LogIndex _lastIndex;
    private LogIndex _firstPending;
    private HardState _hardState;
    private SnapshotMark? _base;
    private PersistMark _pendingMark;

    private Exception? _poison;

    internal WalWriter(
        IFileSystem files, WalOwner owner, WalSegmentPool pool, WalSegmentList segments, WalTail tail)
    {
        _files = files;
        _owner = owner;
        _pool = pool;
        _segments = segments;
        _end = tail.End;
        _chain = tail.Chain;
        _nextFlush = tail.NextFlush;
        _lastFrameIsWitness = tail.EndsWithWitness;
        _lastIndex = tail.LastIndex;
        _firstPending = tail.LastIndex.Next;
        _hardState = tail.HardState;
        _base = tail.Base;
        if (tail.Segments.Count > 0)
        {
            var last = tail.Segments[^1];
            Invariant.Check(last.Sequence == tail.End.Segment);
            _active = files.Open(last.Path, writable: true);
            _activeBytes = _active.Length & ~((long)WalFormat.SectorBytes - 1);
            _activeSalt = WalFormat.SegmentSalt(owner.Salt, last.Sequence);
        }
    }

    /// <summary>Mark of the last batch that is durable.</summary>
    public PersistMark DurableMark { get; private set; }

    /// <summary>Index of the last entry appended, flushed or not.</summary>
    public LogIndex LastIndex => _lastIndex;

    public bool HasPending => !_buffer.IsEmpty;

    /// <summary>Bytes appended and not flushed: the owner flushes before this grows large.</summary>
    public int PendingBytes => _buffer.RecordBytes;

    /// <summary>Bytes written to the log in this life.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>True after a write or sync has failed: the process must end without acknowledging anything more.</summary>
    public bool IsPoisoned => _poison is not null;

    /// <summary>Takes a batch into memory. Nothing is durable before <see cref="Flush"/> has returned.</summary>
    public void Append(PersistBatch batch)
    {
        ThrowIfPoisoned();
        if (batch.Snapshot is { } mark)
        {
            _buffer.AddMark(WalRecordKind.Restart, mark);
            _base = mark;
            _lastIndex = mark.Index;
            NotePending(mark.Index.Next);
        }

        if (batch.HardState is { } hardState)
        {
            Invariant.Check(hardState.Term >= _hardState.Term);
            _buffer.AddHardState(hardState);
            _firstPendingHardState ??= hardState;
            _hardState = hardState;
        }

        AppendEntries(batch.Entries);
        _pendingMark = batch.Mark;
    }

    /// <summary>
    /// Makes everything appended durable. A <see cref="StorageIoException"/> with
    /// <see cref="StorageIoException.IsNoSpace"/> and without <see cref="IsPoisoned"/> means that no segment could be
    /// made: nothing was written, what was appended waits, and the call may be repeated. Any other exception is final.
    /// </summary>
    /// <returns>Mark of the last durable batch.</returns>
    public PersistMark Flush()
    {
        ThrowIfPoisoned();
        if (_buffer.IsEmpty)
        {
            DurableMark = _pendingMark;
            return DurableMark;
        }

        // Room for a witness is left behind every frame, so that a clean stop can always write one.
        if (_active is null || _end.Offset + _buffer.FrameBytes() + WalFormat.SectorBytes > _activeBytes)
        {
            FlushIntoNewSegment();
        }
        else
        {
            FlushIntoActive();
        }

        _lastFrameIsWitness = false;
        _buffer.Clear();
        _firstPending = _lastIndex.Next;
        _firstPendingHardState = null;
        DurableMark = _pendingMark;
        return DurableMark;
    }

    /// <summary>
    /// Writes an empty frame, whose head is the durable witness of the flush before it: until the next flush, damage to
    /// the last one could not be told from a torn write. For idle moments, start and stop.
    /// </summary>
    /// <returns>False when somebody shortened the segment, so that it has no room: the next flush will be the witness.</returns>
    public bool TryWriteWitness()
    {
        ThrowIfPoisoned();
        Invariant.Check(_buffer.IsEmpty);
        if (_lastFrameIsWitness || _active is null)
        {
            return true;
        }

        if (_end.Offset + _buffer.FrameBytes() > _activeBytes)
        {
            return false;
        }

        FlushIntoActive();
        _lastFrameIsWitness = true;
        return true;
    }

    /// <summary>Makes the next segment ready ahead of need, so that no flush has to. Background task; idempotent.</summary>
    /// <exception cref="StorageIoException">For lack of space: harmless, to be repeated. Otherwise the disk is failing.</exception>
    public void PrepareSegment() => _pool.Prepare(NoPace.Instance);

    public void Dispose() => _active?.Dispose();

    private void AppendEntries(IReadOnlyList<Entry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        var expected = entries[0].Index;
        Invariant.Check(expected <= _lastIndex.Next);
        Invariant.Check(_base is not null && expected > _base.Index);
        NotePending(expected);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            Invariant.Check(entry.Index == expected);
            _buffer.AddEntry(entry);
            expected = expected.Next;
        }

        _lastIndex = expected.Previous;
    }

    private void NotePending(LogIndex first) => _firstPending = first < _firstPending ? first : _firstPending;

    private void FlushIntoActive()
    {
        var file = Invariant.NotNull(_active);
        var bytes = _buffer.Seal(FrameHeader(_end), _activeSalt, out var chain);
        try
        {
            file.WriteAt(_end.Offset, bytes);
            if (!Defects.Has(Defect.SkipLogSync))
            {
                file.Sync();
            }
        }
        catch (StorageIoException e)
        {
            _poison = e;
            throw;
        }

        Advance(new WalPosition(_end.Segment, _end.Offset + bytes.Length), chain, bytes.Length);
    }

    private void FlushIntoNewSegment()
    {
        var segment = new WalSegment(_end.Segment + 1, _firstPending);
        TakeFileFor(segment);
        try
        {
            _active?.Dispose();
            _active = _files.Open(segment.Path, writable: true);
            _activeBytes = _active.Length;
            _activeSalt = WalFormat.SegmentSalt(_owner.Salt, segment.Sequence);
            var header = new WalSegmentHeader(
                _owner.Cluster, _owner.Node, segment.Sequence, segment.FirstIndex, _activeSalt, _end, _chain, _nextFlush);
            var position = new WalPosition(segment.Sequence, WalFormat.SectorBytes);
            var opening = _firstPendingHardState ?? _hardState;
            var bytes = _buffer.SealWithSegment(header, FrameHeader(position), opening, _base, out var chain);
            _active.WriteAt(0, bytes);
            _active.Sync();

            // The name last: without it the frame was never acknowledged, with it the frame is there.
            if (!Defects.Has(Defect.SkipDirectorySync))
            {
                _files.SyncDirectory(WalFormat.Directory);
            }

            _segments.Add(segment);
            Advance(new WalPosition(segment.Sequence, bytes.Length), chain, bytes.Length);
        }
        catch (StorageIoException e)
        {
            _poison = e;
            throw;
        }
    }

    /// <summary>Gives a ready file the segment's name. Lack of space here leaves everything as it was.</summary>
    private void TakeFileFor(WalSegment segment)
    {
        string? spare = null;
        try
        {
            spare = _pool.Take(WalBuffer.SegmentBytesFor(_buffer.RecordBytes));
            _files.Rename(spare, segment.Path);
        }
        catch (StorageIoException e) when (e.IsNoSpace)
        {
            if (spare is not null)
            {
                _pool.GiveBack(spare);
            }

            throw;
        }
        catch (StorageIoException e)
        {
            _poison = e;
            throw;
        }
    }

    private WalFrameHeader FrameHeader(WalPosition position) =>
        new(position, _nextFlush, _end, Length: 0, _chain, Records: 0, _owner.Incarnation);

    private void Advance(WalPosition end, uint chain, int bytes)
    {
        _end = end;
        _chain = chain;
        _nextFlush++;
        BytesWritten += bytes;
    }

    private void ThrowIfPoisoned()
    {
        if (_poison is not null)
        {
            throw new WalPoisonedException(_poison);
        }
    }
}

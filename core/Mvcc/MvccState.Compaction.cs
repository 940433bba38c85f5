using RestKv.Raft;

namespace RestKv.Core.Mvcc;

/// <summary>Giving up history: at once for whoever reads, in slices for the memory. The rules are in DESIGN.md.</summary>
public sealed partial class MvccState
{
    // Full chunks in the order they came; a chunk of one big record does not wait for the chunk that was open beside it.
    private readonly Queue<Chunk> _logged = new();
    private readonly Queue<Chunk> _ownLogged = new();
    private readonly Queue<Chunk> _sparse = new();
    private Chunk? _openSettled;
    private Chunk? _work;
    private int _workOffset;
    private bool _isMoving;

    /// <summary>
    /// Gives up everything below a revision, which must lie above the compacted one and not above the current one: from
    /// here on only newer views and changes count. The memory follows by <see cref="CompactStep"/>.
    /// </summary>
    public void Compact(long revision)
    {
        Invariant.Check(!_isOpen);
        Invariant.Check(revision > CompactedRevision);
        Invariant.Check(revision <= Revision);
        _retiredAtCompacted = RetiredAt(revision);
        CompactedRevision = revision;
        _log.DropBefore(revision);
    }

    /// <summary>
    /// Leaves a hole in the numbers and gives up everything before it: the revision becomes this one, which no change has, and
    /// the next request gets the one after. For a store that goes on from a backup, where the numbers in between may have been
    /// given to changes that are lost.
    /// </summary>
    public void JumpTo(long revision)
    {
        Invariant.Check(!_isOpen);
        Invariant.Check(revision > Revision);
        Revision = revision;
        Compact(revision);
        _log.Clear();
    }

    /// <summary>What <see cref="BytesInUse"/> would fall by if history below the revision were given up.</summary>
    public long BytesFreedByCompact(long revision) =>
        revision <= CompactedRevision ? 0 : RetiredAt(Math.Min(revision, Revision)) - _retiredAtCompacted;

    /// <summary>
    /// Does a slice of physical compaction: about <paramref name="recordsMax"/> records are looked at. Returns true while
    /// there is more to do. When to call it is each member's own affair: no answer depends on it.
    /// </summary>
    public bool CompactStep(int recordsMax)
    {
        Invariant.Check(!_isOpen);
        Invariant.Check(recordsMax > 0);
        while (recordsMax > 0)
        {
            if (_work is null && !TakeWork())
            {
                return false;
            }

            recordsMax -= _isMoving ? MoveSome(recordsMax) : CountSome(recordsMax);
        }

        return _work is not null || HasWork(_logged) || HasWork(_ownLogged) || _sparse.Count > 0;
    }

    /// <summary>Bytes retired by the changes up to and including the revision, read off the first change after it.</summary>
    private long RetiredAt(long revision)
    {
        var next = new ChangeCursor(Capture(_index.Root), _log.Window, revision + 1);
        return next.MoveNext() ? next.Record.Header.RetiredBytes : _retiredBytes;
    }

    private bool HasWork(Queue<Chunk> chunks) =>
        chunks.TryPeek(out var chunk) && chunk.LastRevision < CompactedRevision;

    private bool TakeWork()
    {
        _workOffset = 0;
        _isMoving = false;
        if (HasWork(_logged))
        {
            _work = _logged.Dequeue();
        }
        else if (HasWork(_ownLogged))
        {
            _work = _ownLogged.Dequeue();
        }
        else if (_sparse.TryDequeue(out _work))
        {
            _isMoving = true;
        }

        return _work is not null;
    }

    /// <summary>
    /// First pass over a chunk that compaction has passed: notes what is dead, in it and before it. Then the chunk is
    /// freed, emptied, or kept as it is.
    /// </summary>
    private int CountSome(int recordsMax)
    {
        var chunk = Invariant.NotNull(_work);
        var records = 0;
        for (; records < recordsMax && _workOffset < chunk.Used; records++)
        {
            ref var header = ref chunk.Header(_workOffset);
            Invariant.Check(header.ModRevision < CompactedRevision);
            if (header.Previous != Address.None && _space.Find(header.Previous) is { } earlier)
            {
                CountDead(earlier, Address.Offset(header.Previous));
            }

            if (IsDead(in header))
            {
                CountDead(chunk, _workOffset);
            }
            else if (header.IsDeletion && header.Next == Address.None)
            {
                Invariant.Check(_index.TryGet(chunk.Key(_workOffset), out var head));
                Invariant.Check(head == Address.Of(chunk, _workOffset));
                _index.Remove(chunk.Key(_workOffset));
                CountDead(chunk, _workOffset);
            }

            _workOffset += header.Size;
        }

        if (_workOffset < chunk.Used)
        {
            return records;
        }

        if (chunk.LiveBytes == 0)
        {
            FreeWork();
        }
        else if (IsSparse(chunk))
        {
            _workOffset = 0;
            _isMoving = true;
        }
        else
        {
            chunk.Stage = ChunkStage.Settled;
            _work = null;
        }

        return Math.Max(1, records);
    }

    /// <summary>Second pass: copies what lives into settled chunks and points its one pointer there.</summary>
    private int MoveSome(int recordsMax)
    {
        var chunk = Invariant.NotNull(_work);
        var records = 0;
        for (; records < recordsMax && _workOffset < chunk.Used && chunk.LiveBytes > 0; records++)
        {
            ref var header = ref chunk.Header(_workOffset);
            if ((header.Flags & RecordFlags.CountedDead) == 0)
            {
                if (IsDead(in header))
                {
                    CountDead(chunk, _workOffset);
                }
                else
                {
                    Move(chunk, _workOffset);
                }
            }

            _workOffset += header.Size;
        }

        if (chunk.LiveBytes == 0)
        {
            FreeWork();
        }
        else
        {
            Invariant.Check(_workOffset < chunk.Used);
        }

        return Math.Max(1, records);
    }

    private void Move(Chunk chunk, int offset)
    {
        ref var header = ref chunk.Header(offset);
        var size = header.Size;
        var target = RoomInSettled(size);
        var from = Address.Of(chunk, offset);
        var to = Address.Of(target, target.Used);
        chunk.Data.AsSpan(offset, size).CopyTo(target.Data.AsSpan(target.Used));
        target.Used += size;
        target.LiveBytes += size;
        target.LastRevision = Math.Max(target.LastRevision, header.ModRevision);
        chunk.LiveBytes -= size;
        if (header.Next == Address.None)
        {
            Invariant.Check(_index.TryGet(chunk.Key(offset), out var head));
            Invariant.Check(head == from);
            _index.Set(chunk.Key(offset), to);
        }
        else
        {
            // The newer version is above the compacted revision, hence in the log and never moved so far.
            ref var next = ref Header(header.Next);
            Invariant.Check(next.Previous == from);
            Volatile.Write(ref next.Previous, to);
        }
    }

    /// <summary>
    /// True when a newer version at or below the compacted revision exists. A newer version whose chunk is gone was moved
    /// or freed by compaction, so it is such a one.
    /// </summary>
    private bool IsDead(in RecordHeader header) =>
        header.Next != Address.None
        && (_space.Find(header.Next) is not { } chunk
            || chunk.Header(Address.Offset(header.Next)).ModRevision <= CompactedRevision + (Defects.Has(Defect.CompactNeededVersion) ? 3 : 0));

    private void CountDead(Chunk chunk, int offset)
    {
        ref var header = ref chunk.Header(offset);
        if ((header.Flags & RecordFlags.CountedDead) != 0)
        {
            return;
        }

        header.Flags |= RecordFlags.CountedDead;
        chunk.LiveBytes -= header.Size;
        Invariant.Check(chunk.LiveBytes >= 0);
        QueueIfSparse(chunk);
    }

    private void QueueIfSparse(Chunk chunk)
    {
        if (chunk.Stage == ChunkStage.Settled && IsSparse(chunk))
        {
            chunk.Stage = ChunkStage.Sparse;
            _sparse.Enqueue(chunk);
        }
    }

    private bool IsSparse(Chunk chunk) => chunk.LiveBytes == 0
        || chunk.LiveBytes * 100L < (long)chunk.Data.Length * _options.SparsePercent;

    private Chunk RoomInSettled(int size)
    {
        if (size > _options.ChunkBytes / 8)
        {
            var own = _space.Allocate(size);
            own.Stage = ChunkStage.Settled;
            return own;
        }

        if (_openSettled is null || _openSettled.Data.Length - _openSettled.Used < size)
        {
            if (_openSettled is not null)
            {
                _openSettled.Stage = ChunkStage.Settled;
                QueueIfSparse(_openSettled);
            }

            _openSettled = _space.Allocate(_options.ChunkBytes);
        }

        return _openSettled;
    }

    private void FreeWork()
    {
        _space.Free(Invariant.NotNull(_work));
        _work = null;
    }
}

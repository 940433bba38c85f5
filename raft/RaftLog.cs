using System.Runtime.InteropServices;

namespace RestKv.Raft;

/// <summary>
/// The part of the log that is in memory, and how far the disk, the group and the state machine have got with it:
/// <c>applied &lt;= handed &lt;= min(committed, persisted)</c>, <c>persisted &lt;= persisting &lt;= last</c>,
/// <c>committed &lt;= last</c>. Entries live in fixed chunks, so the window grows without copying and shrinks from the
/// front. Owned by <see cref="RaftCore"/>.
/// </summary>
internal sealed class RaftLog
{
    private const int ChunkBits = 10;
    private const int ChunkLength = 1 << ChunkBits;

    private readonly List<Entry[]> _chunks = [];
    private long _firstChunk;
    private Term _offsetTerm;

    /// <summary>Marks of batches before this one speak of a log that has been rewritten since.</summary>
    private long _rewriteSequence;

    public RaftLog(LogIndex offset, Term offsetTerm) => Reset(offset, offsetTerm);

    /// <summary>The entry before the first one in memory: only its term is known.</summary>
    public LogIndex Offset { get; private set; }

    public LogIndex Last { get; private set; }

    public Term LastTerm { get; private set; }

    /// <summary>Handed to the disk up to here.</summary>
    public LogIndex Persisting { get; private set; }

    /// <summary>Confirmed by the disk up to here.</summary>
    public LogIndex Persisted { get; private set; }

    public LogIndex Committed { get; private set; }

    /// <summary>Handed to the state machine up to here.</summary>
    public LogIndex Handed { get; private set; }

    public LogIndex Applied { get; private set; }

    /// <summary>
    /// How far the state machine may go: committed by the group and durable here. Waiting for our own disk as well keeps
    /// memory from running ahead of the log that would have to rebuild it.
    /// </summary>
    public LogIndex Applicable => Committed < Persisted ? Committed : Persisted;

    public Entry this[LogIndex index]
    {
        get
        {
            Invariant.Check(index > Offset);
            Invariant.Check(index <= Last);
            return Slot(index.Value);
        }
    }

    /// <summary>The term at an index that is in memory, or just before it.</summary>
    public bool TryTermAt(LogIndex index, out Term term)
    {
        if (index < Offset || index > Last)
        {
            term = Term.Zero;
            return false;
        }

        term = index == Offset ? _offsetTerm : Slot(index.Value).Term;
        return true;
    }

    public bool Matches(LogIndex index, Term term) => TryTermAt(index, out var own) && own == term;

    /// <summary>Whether a candidate's log is at least as up to date as this one (Raft section 5.4.1).</summary>
    public bool IsCoveredBy(LogIndex last, Term lastTerm) =>
        lastTerm > LastTerm || (lastTerm == LastTerm && last >= Last);

    /// <summary>
    /// The last index at or below <paramref name="upTo"/> whose term is at most <paramref name="term"/>; one below the
    /// offset when there is none in memory. Terms never fall along a log, so this is a binary search.
    /// </summary>
    public LogIndex LastIndexWithin(LogIndex upTo, Term term)
    {
        var low = Offset.Value - 1;
        var high = Math.Min(upTo.Value, Last.Value);
        while (low < high)
        {
            var middle = high - ((high - low) / 2);
            Invariant.Check(TryTermAt(new LogIndex(middle), out var own));
            if (own <= term)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return new LogIndex(Math.Max(low, 0));
    }

    public void Append(in Entry entry)
    {
        Invariant.Check(entry.Index.Value == Last.Value + 1);
        Invariant.Check(entry.Term >= LastTerm);
        var chunk = (int)((entry.Index.Value >> ChunkBits) - _firstChunk);
        if (chunk == _chunks.Count)
        {
            _chunks.Add(new Entry[ChunkLength]);
        }

        Slot(entry.Index.Value) = entry;
        Last = entry.Index;
        LastTerm = entry.Term;
    }

    /// <summary>Drops the suffix from <paramref name="first"/> on; batch <paramref name="sequence"/> will overwrite it on disk.</summary>
    public void TruncateFrom(LogIndex first, long sequence)
    {
        Invariant.Check(first > Committed);
        Invariant.Check(first > Offset);
        Invariant.Check(first <= Last);
        ClearSlots(first.Value, Last.Value);
        Last = first.Previous;
        Invariant.Check(TryTermAt(Last, out var term));
        LastTerm = term;
        if (Persisting > Last)
        {
            // The old suffix is on its way to the disk: marks of those batches no longer describe this log.
            _rewriteSequence = sequence;
            Persisting = Last;
            Persisted = Persisted < Last ? Persisted : Last;
        }
    }

    /// <summary>Everything up to the end is being written.</summary>
    public void HandedToDisk() => Persisting = Last;

    /// <summary>The disk has confirmed a batch and all before it. False when that moves no mark.</summary>
    public bool DiskConfirmed(in PersistMark mark)
    {
        if (mark.Sequence < _rewriteSequence || mark.Index <= Persisted)
        {
            return false;
        }

        Invariant.Check(mark.Index <= Persisting);
        Invariant.Check(Matches(mark.Index, mark.Term));
        Persisted = mark.Index;
        return true;
    }

    public void CommitTo(LogIndex index)
    {
        Invariant.Check(index >= Committed);
        Invariant.Check(index <= Last);
        Committed = index;
    }

    /// <summary>Moves what may be applied next, at most <paramref name="max"/> entries, into <paramref name="into"/>.</summary>
    public void HandOut(List<Entry> into, int max)
    {
        var last = new LogIndex(Math.Min(Applicable.Value, Handed.Value + max));
        CopyTo(into, Handed.Next, last);
        Handed = last;
    }

    public void AppliedTo(LogIndex index)
    {
        Invariant.Check(index >= Applied);
        Invariant.Check(index <= Handed);
        Applied = index;
    }

    /// <summary>Copies <c>[first, last]</c>; nothing when that is empty.</summary>
    public void CopyTo(List<Entry> into, LogIndex first, LogIndex last)
    {
        for (var index = first.Value; index <= last.Value;)
        {
            var run = Run(index, last.Value);
            into.AddRange(run);
            index += run.Length;
        }
    }

    /// <summary>A copy of <c>[first, last]</c> that may outlive any change of the window.</summary>
    public Entry[] Slice(LogIndex first, LogIndex last)
    {
        var slice = new Entry[(int)(last.Value - first.Value + 1)];
        for (var index = first.Value; index <= last.Value;)
        {
            var run = Run(index, last.Value);
            run.CopyTo(slice.AsSpan((int)(index - first.Value)));
            index += run.Length;
        }

        return slice;
    }

    /// <summary>Payload bytes of one entry, without copying it.</summary>
    public int PayloadLength(LogIndex index) => Slot(index.Value).Payload.Length;

    /// <summary>Forgets entries up to <paramref name="index"/>, which a durable snapshot covers.</summary>
    public void Compact(LogIndex index)
    {
        Invariant.Check(index <= Applied);
        if (index <= Offset)
        {
            return;
        }

        Invariant.Check(TryTermAt(index, out var term));
        ClearSlots(Offset.Value + 1, index.Value);
        Offset = index;
        _offsetTerm = term;
        var keep = (Offset.Value + 1) >> ChunkBits;
        var dropped = (int)Math.Min(keep - _firstChunk, _chunks.Count);
        _chunks.RemoveRange(0, dropped);
        _firstChunk = keep;
    }

    /// <summary>The log starts anew after a snapshot; batch <paramref name="sequence"/> will say so on disk.</summary>
    public void RestartAfter(LogIndex index, Term term, long sequence)
    {
        Invariant.Check(index > Committed);
        Reset(index, term);
        _rewriteSequence = sequence;
    }

    /// <summary>After recovery: all of it came from the disk, and this much was known to be committed.</summary>
    public void Recovered(LogIndex applied, LogIndex committed)
    {
        Persisting = Last;
        Persisted = Last;
        Applied = applied;
        Handed = applied;
        Committed = applied;
        CommitTo(new LogIndex(Math.Clamp(committed.Value, applied.Value, Last.Value)));
    }

    private void Reset(LogIndex offset, Term term)
    {
        _chunks.Clear();
        _firstChunk = (offset.Value + 1) >> ChunkBits;
        _offsetTerm = term;
        Offset = offset;
        Last = offset;
        LastTerm = term;
        Persisting = offset;
        Persisted = offset;
        Committed = offset;
        Handed = offset;
        Applied = offset;
    }

    private ref Entry Slot(long index) =>
        ref CollectionsMarshal.AsSpan(_chunks)[(int)((index >> ChunkBits) - _firstChunk)][index & (ChunkLength - 1)];

    /// <summary>The entries from <paramref name="first"/> to <paramref name="last"/> that lie in one chunk.</summary>
    private ReadOnlySpan<Entry> Run(long first, long last)
    {
        Invariant.Check(first > Offset.Value);
        Invariant.Check(last <= Last.Value);
        var start = (int)(first & (ChunkLength - 1));
        var length = (int)Math.Min(last - first + 1, ChunkLength - start);
        return _chunks[(int)((first >> ChunkBits) - _firstChunk)].AsSpan(start, length);
    }

    /// <summary>Lets go of payloads: a slot nobody reads would keep them alive.</summary>
    private void ClearSlots(long first, long last)
    {
        for (var index = first; index <= last; index++)
        {
            Slot(index) = default;
        }
    }
}

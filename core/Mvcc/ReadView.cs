using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Mvcc;

/// <summary>
/// The whole store at one revision: immutable, safe from any thread, kept alive by whoever holds it and freed by the
/// collector. Everything that was applied when it was published is in it; nothing newer ever shows. Whoever holds one for
/// long also holds all memory that was freed since, so slow readers take a fresh view now and then.
/// </summary>
public sealed class ReadView
{
    private readonly ChunkSpace _space;
    private readonly ChunkTable _table;
    private readonly object _root;
    private readonly LogWindow _log;
    private readonly string[] _authors;

    internal ReadView(ChunkSpace space, object root, LogWindow log, string[] authors, in ViewFacts facts)
    {
        _space = space;
        _table = space.Latest;
        _root = root;
        _log = log;
        _authors = authors;
        Revision = facts.Revision;
        CompactedRevision = facts.CompactedRevision;
        KeyCount = facts.KeyCount;
        BytesInUse = facts.BytesInUse;
        LiveBytes = facts.LiveBytes;
        MemoryBytes = facts.MemoryBytes;
        HistoryDigest = facts.HistoryDigest;
    }

    /// <summary>The store's revision.</summary>
    public long Revision { get; }

    /// <summary>Reads below this revision are refused; 0 when nothing was ever compacted.</summary>
    public long CompactedRevision { get; }

    /// <summary>Live keys.</summary>
    public long KeyCount { get; }

    /// <summary>Bytes of keys, values and bookkeeping that count against the quota; equal on all members.</summary>
    public long BytesInUse { get; }

    /// <summary>The part of <see cref="BytesInUse"/> that the newest versions take; the rest is history.</summary>
    public long LiveBytes { get; }

    /// <summary>Bytes of memory taken by records and index; depends on how far this member's compaction got.</summary>
    public long MemoryBytes { get; }

    /// <summary>See <see cref="MvccState.Digest"/>.</summary>
    public ulong Digest => MvccState.DigestOf(HistoryDigest, Revision, CompactedRevision);

    internal ulong HistoryDigest { get; }

    /// <summary>The key now; false when it does not exist.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out KeyValue value) => TryGet(key, Revision, out value);

    /// <summary>The key at a revision in [<see cref="CompactedRevision"/>, <see cref="Revision"/>].</summary>
    public bool TryGet(ReadOnlySpan<byte> key, long revision, out KeyValue value)
    {
        CheckReadable(revision);
        if (PackedTree.TryGet(_root, key, out var head) && TryFind(head, revision, out var record))
        {
            value = ToKeyValue(record);
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Runs a range read; the revision must be readable.</summary>
    public RangeResult Range(RangeRequest request) => RangeExecutor.Run(this, request);

    /// <summary>Live keys of a range at a revision, in key order, without materialising them.</summary>
    public KeyCursor Scan(KeyRange range, long revision, bool descending = false)
    {
        CheckReadable(revision);
        return new KeyCursor(this, new TreeCursor(_root), range, revision, descending);
    }

    /// <summary>All changes with a revision of at least <paramref name="fromRevision"/>, in order.</summary>
    public ChangeCursor Changes(long fromRevision)
    {
        Invariant.Check(fromRevision >= CompactedRevision);
        return new ChangeCursor(this, _log, fromRevision);
    }

    /// <summary>Retained versions and deletions of a key, newest first, starting at or below <paramref name="revision"/>.</summary>
    public HistoryCursor History(ReadOnlySpan<byte> key, long revision)
    {
        CheckReadable(revision);
        return new HistoryCursor(this, PackedTree.TryGet(_root, key, out var head) ? head : Address.None, revision);
    }

    internal string AuthorName(int author) => _authors[author];

    internal void CheckReadable(long revision)
    {
        Invariant.Check(revision >= CompactedRevision);
        Invariant.Check(revision <= Revision);
    }

    internal RecordRef Resolve(long address) =>
        new(_space.Resolve(_table, address), Address.Offset(address));

    /// <summary>
    /// The newest record at or below the revision, from the newest of its key; false when that is a deletion or nothing.
    /// No link is followed below the compacted revision, where links may dangle, since the revision is not below it.
    /// </summary>
    internal bool TryFind(long head, long revision, out RecordRef record)
    {
        for (var address = head; address != Address.None;)
        {
            record = Resolve(address);
            ref var header = ref record.Header;
            if (header.ModRevision <= revision)
            {
                return !header.IsDeletion;
            }

            address = Volatile.Read(ref header.Previous);
        }

        record = default;
        return false;
    }

    internal KeyValue ToKeyValue(RecordRef record)
    {
        ref var header = ref record.Header;
        return new KeyValue(
            record.Key,
            record.Value,
            header.CreateRevision,
            header.ModRevision,
            header.Version,
            new LeaseId(header.Lease),
            header.WallTimeMs,
            _authors[header.Author]);
    }

    internal Change ToChange(RecordRef record)
    {
        ref var header = ref record.Header;
        KeyValue? previous = null;
        if (header.ModRevision > CompactedRevision
            && header.CreateRevision != header.ModRevision
            && TryFind(Volatile.Read(ref header.Previous), header.ModRevision - 1, out var before))
        {
            previous = ToKeyValue(before);
        }

        return new Change(
            ToKeyValue(record),
            (DeleteCause)header.Cause,
            header.SubRevision,
            (header.Flags & RecordFlags.LastOfRevision) != 0,
            previous);
    }
}

using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Mvcc;

/// <summary>
/// The multi-version store, as its single writer sees it: every retained version of every key, the order of all changes,
/// and the revision. Owned by the replica thread; readers get a <see cref="ReadView"/> from <see cref="Publish"/>. Not
/// thread safe. Deterministic: the same calls make the same state.
/// </summary>
/// <remarks>
/// Writing happens in requests: <see cref="Begin"/>, any number of changes, <see cref="End"/>. A request that changes
/// something makes one new revision, shared by its changes, which are numbered within it. See DESIGN.md.
/// </remarks>
public sealed partial class MvccState
{
    /// <summary>What a live key is charged besides its record: its entry in the index.</summary>
    private const int IndexEntryBytes = 24;

    /// <summary>Longest author name.</summary>
    private const int AuthorCharsMax = 4096;

    private readonly MvccOptions _options;
    private readonly ChunkSpace _space = new();
    private readonly PackedTree _index;
    private readonly ChangeLog _log;
    private readonly AuthorTable _authors = new();

    private Chunk? _openLogged;
    private bool _isOpen;
    private int _subRevision;
    private long _wallTimeMs;
    private string _author = string.Empty;
    private long _lastRecord;
    private long _recordBytes;
    private long _retiredBytes;
    private long _retiredAtCompacted;
    private ulong _digest = StateHash.Seed;

    public MvccState(MvccOptions options)
    {
        options.Check();
        _options = options;
        _index = new PackedTree(options);
        _log = new ChangeLog(options.RunBytes);
    }

    /// <summary>Revision of the last request that changed something; 1 in an empty store.</summary>
    public long Revision { get; private set; } = 1;

    /// <summary>Lowest revision that can be read; 0 when nothing was compacted.</summary>
    public long CompactedRevision { get; private set; }

    /// <summary>Live keys, those of the open request included.</summary>
    public long KeyCount { get; private set; }

    /// <summary>
    /// Bytes that count against the quota: retained records and the index entries of live keys. A function of the history
    /// and the compacted revision alone, hence equal on all members, however far physical compaction got.
    /// </summary>
    public long BytesInUse => _recordBytes - _retiredAtCompacted + IndexBytes;

    /// <summary>The part of <see cref="BytesInUse"/> that the newest versions take; the rest is history.</summary>
    public long LiveBytes => _recordBytes - _retiredBytes + IndexBytes;

    /// <summary>Changes since the process started.</summary>
    public long RecordsWritten { get; private set; }

    /// <summary>Bytes of memory held by records and index.</summary>
    public long MemoryBytes => _space.Bytes + _index.LeafBytes;

    private long IndexBytes { get; set; }

    /// <summary>What answers inside the open request carry: the new revision as soon as something was changed.</summary>
    public long RevisionSoFar => _isOpen && _subRevision > 0 ? Revision + 1 : Revision;

    /// <summary>The revision a change of the open request gets, or the current one between requests.</summary>
    private long NewestRevision => _isOpen ? Revision + 1 : Revision;

    /// <summary>Opens a request. <paramref name="wallTimeMs"/> and <paramref name="author"/> label its changes.</summary>
    public void Begin(long wallTimeMs, string author)
    {
        Invariant.Check(!_isOpen);
        Invariant.Check(author.Length <= AuthorCharsMax);
        _isOpen = true;
        _subRevision = 0;
        _wallTimeMs = wallTimeMs;
        _author = author;
    }

    /// <summary>Writes a key: its next version, or the first of a new life.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, LeaseId lease)
    {
        Invariant.Check(_isOpen);
        Invariant.Check(key.Length <= _options.KeyBytesMax);
        Invariant.Check(value.Length <= _options.ValueBytesMax);
        var header = NewHeader(key.Length, value.Length, DeleteCause.None);
        header.Lease = lease.Value;
        if (_index.TryGet(key, out var head) && !Header(head).IsDeletion)
        {
            ref var current = ref Header(head);
            header.CreateRevision = current.CreateRevision;
            header.Version = current.Version + 1;
            _retiredBytes += current.Size;
        }
        else
        {
            header.CreateRevision = header.ModRevision;
            header.Version = Defects.Has(Defect.CountDeleteAsVersion) && head != Address.None ? 2 : 1;
            KeyCount++;
            IndexBytes += key.Length + IndexEntryBytes;
        }

        Append(ref header, head, key, value);
    }

    /// <summary>Deletes a key; false, and no change, when it does not exist.</summary>
    public bool Delete(ReadOnlySpan<byte> key, DeleteCause cause)
    {
        Invariant.Check(_isOpen);
        Invariant.Check(cause != DeleteCause.None);
        if (!_index.TryGet(key, out var head) || Header(head).IsDeletion)
        {
            return false;
        }

        var header = NewHeader(key.Length, 0, cause);
        _retiredBytes += Header(head).Size + header.Size;
        KeyCount--;
        IndexBytes -= key.Length + IndexEntryBytes;
        Append(ref header, head, key, []);
        return true;
    }

    /// <summary>Closes the request; returns the revision, one higher when anything was changed.</summary>
    public long End()
    {
        Invariant.Check(_isOpen);
        _isOpen = false;
        if (_subRevision > 0)
        {
            Header(_lastRecord).Flags |= RecordFlags.LastOfRevision;
            Revision++;
        }

        return Revision;
    }

    /// <summary>The key as of now, changes of the open request included.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out KeyValue value)
    {
        if (_index.TryGet(key, out var head) && !Header(head).IsDeletion)
        {
            value = ToKeyValue(head);
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>A range read; revision 0 means now, changes of the open request included.</summary>
    public RangeResult Range(RangeRequest request) => Capture(_index.Root).Range(request);

    /// <summary>
    /// Live keys of a range as of now, changes of the open request included. The caller may delete keys meanwhile, also the
    /// one just yielded; keys that it creates may be met or not.
    /// </summary>
    public KeyCursor Scan(KeyRange range) => Capture(_index.Root).Scan(range, NewestRevision);

    /// <summary>Adds the live keys of a range to a list.</summary>
    public void CollectKeys(KeyRange range, List<ReadOnlyMemory<byte>> into)
    {
        var cursor = Scan(range);
        while (cursor.MoveNext())
        {
            into.Add(cursor.Record.Key);
        }
    }

    /// <summary>The state as of now, for readers on any thread. Cheap: one small object.</summary>
    public ReadView Publish()
    {
        Invariant.Check(!_isOpen);
        return Capture(_index.Freeze());
    }

    /// <summary>
    /// A fingerprint of the whole history and the compacted revision: equal on members that applied the same requests,
    /// whatever their memory looks like, and carried through snapshots. It is a running hash over every change in order;
    /// so it tells a divergence for ever, also when the differing keys are gone.
    /// </summary>
    public ulong Digest() => DigestOf(_digest, Revision, CompactedRevision);

    internal static ulong DigestOf(ulong history, long revision, long compactedRevision) =>
        StateHash.Mix(StateHash.Mix(history, (ulong)revision), (ulong)compactedRevision);

    private ReadView Capture(object root) => new(_space, root, _log.Window, _authors.Names, new ViewFacts(
        NewestRevision, CompactedRevision, KeyCount, BytesInUse, LiveBytes, MemoryBytes, _digest));

    private RecordHeader NewHeader(int keyLength, int valueLength, DeleteCause cause) => new()
    {
        ModRevision = Revision + 1,
        SubRevision = _subRevision,
        WallTimeMs = _wallTimeMs,
        KeyLength = (ushort)keyLength,
        ValueLength = valueLength,
        Cause = (byte)cause,
        Author = _authors.Intern(_author),
        RetiredBytes = _retiredBytes,
    };

    private void Append(ref RecordHeader header, long head, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Invariant.Check(_subRevision < int.MaxValue);
        _subRevision++;
        RecordsWritten++;
        var chunk = RoomInLog(header.Size);
        var content = AppendTo(chunk, ref header, head, key, value);
        _log.Append(_lastRecord, header.Size, header.ModRevision);
        _digest = Extend(_digest, in header, _authors.Hash(header.Author), content);

        // Everything a reader can reach through the new head is in place: the store below releases it.
        _index.Set(key, _lastRecord);
    }

    private ReadOnlySpan<byte> AppendTo(
        Chunk chunk, ref RecordHeader header, long head, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var offset = chunk.Used;
        key.CopyTo(chunk.Data.AsSpan(offset + RecordHeader.Bytes));
        value.CopyTo(chunk.Data.AsSpan(offset + RecordHeader.Bytes + key.Length));
        Link(chunk, ref header, head);
        return chunk.Content(offset);
    }

    /// <summary>Makes the record at the chunk's end part of it and of its key's chain; key and value are there already.</summary>
    private void Link(Chunk chunk, ref RecordHeader header, long head)
    {
        header.Previous = head;
        chunk.Header(chunk.Used) = header;
        _lastRecord = Address.Of(chunk, chunk.Used);
        chunk.Used += header.Size;
        chunk.LiveBytes += header.Size;
        chunk.LastRevision = Math.Max(chunk.LastRevision, header.ModRevision);
        _recordBytes += header.Size;
        if (head != Address.None)
        {
            Header(head).Next = _lastRecord;
        }
    }

    /// <summary>A big record gets a chunk of its own, so that the open one is not left half empty.</summary>
    private Chunk RoomInLog(int size)
    {
        if (size > _options.ChunkBytes / 8)
        {
            var own = _space.Allocate(size);
            own.Stage = ChunkStage.Logged;
            _ownLogged.Enqueue(own);
            return own;
        }

        if (_openLogged is null || _openLogged.Data.Length - _openLogged.Used < size)
        {
            if (_openLogged is not null)
            {
                _openLogged.Stage = ChunkStage.Logged;
                _logged.Enqueue(_openLogged);
            }

            _openLogged = _space.Allocate(_options.ChunkBytes);
        }

        return _openLogged;
    }

    private ref RecordHeader Header(long address) =>
        ref Invariant.NotNull(_space.Find(address)).Header(Address.Offset(address));

    private KeyValue ToKeyValue(long address)
    {
        var record = new RecordRef(Invariant.NotNull(_space.Find(address)), Address.Offset(address));
        ref var header = ref record.Header;
        return new KeyValue(
            record.Key,
            record.Value,
            header.CreateRevision,
            header.ModRevision,
            header.Version,
            new LeaseId(header.Lease),
            header.WallTimeMs,
            _authors.Names[header.Author]);
    }

    private static ulong Extend(ulong digest, in RecordHeader header, ulong author, ReadOnlySpan<byte> content)
    {
        digest = StateHash.Mix(digest, (ulong)header.ModRevision);
        digest = StateHash.Mix(digest, (uint)header.SubRevision | ((ulong)header.Cause << 32) | ((ulong)header.KeyLength << 40));
        digest = StateHash.Mix(digest, (ulong)header.CreateRevision);
        digest = StateHash.Mix(digest, (ulong)header.Version);
        digest = StateHash.Mix(digest, (ulong)header.WallTimeMs);
        digest = StateHash.Mix(digest, (ulong)header.Lease);
        return StateHash.Of(content, StateHash.Mix(digest, author));
    }
}

using System.Buffers.Binary;
using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>
/// What the records of a log add up to, in the order they were written: hard state, base and one contiguous run of
/// entries, later records overwriting earlier ones.
/// </summary>
/// <param name="keepFrom">Entries below this index are checked but not kept in memory.</param>
internal sealed class WalContents(LogIndex keepFrom)
{
    private readonly List<Entry> _entries = [];
    private readonly PayloadSlab _slab = new();
    private Term _lastTerm;
    private bool _hasEntries;

    /// <summary>A base is no bound: entries up to it may still be on their way to the disk when a snapshot holds them.</summary>
    private LogIndex _restartedAfter;

    public HardState HardState { get; private set; }

    public SnapshotMark? Base { get; private set; }

    /// <summary>First index the log covers; one past <see cref="Last"/> when it holds no entries.</summary>
    public LogIndex First { get; private set; } = new(1);

    public LogIndex Last { get; private set; }

    /// <summary>The kept entries, contiguous up to <see cref="Last"/>.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>Term of an entry, when it is kept.</summary>
    public Term? TermAt(LogIndex index)
    {
        if (_entries.Count == 0 || index < _entries[0].Index || index > Last)
        {
            return null;
        }

        return _entries[(int)(index.Value - _entries[0].Index.Value)].Term;
    }

    /// <summary>Where the first segment that is left begins.</summary>
    public void BeginAt(LogIndex first)
    {
        First = first;
        Last = first.Previous;
    }

    /// <summary>Takes the next record; false when it makes no sense here although its check sum is right.</summary>
    public bool Apply(in WalRecord record, ReadOnlySpan<byte> payload) => record.Kind switch
    {
        WalRecordKind.Entry => ApplyEntry(record, payload),
        WalRecordKind.HardState => ApplyHardState(record, payload),
        WalRecordKind.Restart => ApplyMark(record, payload, restart: true),
        WalRecordKind.Base => ApplyMark(record, payload, restart: false),
        _ => false,
    };

    /// <summary>Drops everything: the log goes on after a snapshot that it does not lead to.</summary>
    public void RestartAfter(SnapshotMark mark)
    {
        _entries.Clear();
        _restartedAfter = mark.Index;
        Base = mark;
        First = mark.Index.Next;
        Last = mark.Index;
        _lastTerm = mark.Term;
        _hasEntries = true;
    }

    private bool ApplyEntry(in WalRecord record, ReadOnlySpan<byte> payload)
    {
        if (record.EntryKind > EntryKind.Membership || record.Index.Value < 1)
        {
            return false;
        }

        if (record.Index > Last.Next || record.Index <= _restartedAfter)
        {
            return false;
        }

        if (!_hasEntries || record.Index < First)
        {
            // A suffix may have been overwritten from an index that lay in a segment which is gone now.
            _hasEntries = true;
            First = record.Index;
        }

        Truncate(record.Index);
        if (record.Term < _lastTerm)
        {
            return false;
        }

        if (record.Index >= keepFrom)
        {
            _entries.Add(new Entry(record.Index, record.Term, record.EntryKind, _slab.Copy(payload)));
        }

        Last = record.Index;
        _lastTerm = record.Term;
        return true;
    }

    private void Truncate(LogIndex from)
    {
        if (from > Last)
        {
            return;
        }

        if (_entries.Count > 0)
        {
            var keep = (int)Math.Max(0, from.Value - _entries[0].Index.Value);
            _entries.RemoveRange(keep, _entries.Count - keep);
        }

        Last = from.Previous;
        _lastTerm = _entries.Count > 0 ? _entries[^1].Term : Term.Zero;
    }

    private bool ApplyHardState(in WalRecord record, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != WalRecord.HardStatePayloadBytes || record.Term < HardState.Term)
        {
            return false;
        }

        HardState = new HardState(record.Term, new NodeId(BinaryPrimitives.ReadInt64LittleEndian(payload)), record.Index);
        return true;
    }

    private bool ApplyMark(in WalRecord record, ReadOnlySpan<byte> payload, bool restart)
    {
        if (record.Index.Value < 0 || !Membership.TryDecode(payload, out var membership))
        {
            return false;
        }

        var mark = new SnapshotMark(record.Index, record.Term, membership);
        if (restart)
        {
            RestartAfter(mark);
        }
        else
        {
            Base = mark;
        }

        return true;
    }
}

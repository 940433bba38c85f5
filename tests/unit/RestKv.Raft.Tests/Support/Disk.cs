namespace RestKv.Raft.Tests.Support;

/// <summary>
/// The durable state of one member and the batches on their way to it. A crash keeps what was flushed and any prefix of
/// the rest, as an append-only log does.
/// </summary>
internal sealed class Disk(SnapshotMark snapshot)
{
    private readonly Queue<Batch> _pending = new();

    public HardState HardState { get; private set; }

    public SnapshotMark Snapshot { get; set; } = snapshot;

    public List<Entry> Entries { get; } = [];

    public int PendingCount => _pending.Count;

    public LogIndex Last => Entries.Count > 0 ? Entries[^1].Index : Snapshot.Index;

    public void Write(Ready ready)
    {
        if (ready.NeedsFlush)
        {
            _pending.Enqueue(new Batch(ready.Mark, ready.HardState, [.. ready.Entries], ready.Snapshot));
        }
    }

    /// <summary>Makes the oldest batch durable.</summary>
    public PersistMark Flush()
    {
        var batch = _pending.Dequeue();
        HardState = batch.HardState ?? HardState;
        if (batch.Snapshot is not null)
        {
            Entries.Clear();
        }

        if (batch.Entries.Count > 0)
        {
            Entries.RemoveAll(entry => entry.Index >= batch.Entries[0].Index);
            Assert.True(Entries.Count == 0 || Entries[^1].Index.Next == batch.Entries[0].Index);
            Entries.AddRange(batch.Entries);
        }

        return batch.Mark;
    }

    public void Crash(int flushed)
    {
        for (; flushed > 0 && _pending.Count > 0; flushed--)
        {
            Flush();
        }

        _pending.Clear();
    }

    /// <summary>A snapshot of our own is durable; a tail of the log before it is kept.</summary>
    public void Trim(SnapshotMark mark, LogIndex keepFrom)
    {
        Snapshot = mark;
        Entries.RemoveAll(entry => entry.Index < keepFrom);
    }

    public bool Holds(LogIndex index, Term term)
    {
        if (index < Snapshot.Index || (index == Snapshot.Index && term == Snapshot.Term))
        {
            return true;
        }

        foreach (var entry in Entries)
        {
            if (entry.Index == index)
            {
                return entry.Term == term;
            }
        }

        return false;
    }

    public RaftImage Image(NodeId self) => new(self, HardState, Snapshot, [.. Entries]);

    private sealed record Batch(PersistMark Mark, HardState? HardState, List<Entry> Entries, SnapshotMark? Snapshot);
}

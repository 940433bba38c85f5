namespace RestKv.Raft.Tests.Support;

/// <summary>
/// One member: the real core, a disk that confirms when told to, and a state machine that is the list of what it applied.
/// </summary>
internal sealed class Member
{
    private readonly RaftConfig _config;
    private readonly Queue<(long Sequence, Message Message)> _held = new();
    private readonly List<Message> _outbox;
    private long _flushed;

    public Member(NodeId id, RaftConfig config, SnapshotMark origin, ulong seed, List<Message> outbox)
    {
        _config = config;
        _outbox = outbox;
        Id = id;
        Disk = new Disk(origin);
        Core = RaftCore.Restore(config, Disk.Image(id), seed);
    }

    public NodeId Id { get; }

    public RaftCore Core { get; private set; }

    public Disk Disk { get; }

    public Ready Ready { get; } = new();

    /// <summary>What the state machine has applied, from index 1 on.</summary>
    public List<Entry> Machine { get; private set; } = [];

    /// <summary>The machine as the snapshot on disk holds it.</summary>
    public List<Entry> SnapshotMachine { get; private set; } = [];

    public List<ReadState> Reads { get; } = [];

    public List<NodeId> SnapshotsWanted { get; } = [];

    public bool IsLeader => Core.Role == RaftRole.Leader;

    public IEnumerable<string> Commands => Machine
        .Where(entry => entry.Kind == EntryKind.Command)
        .Select(entry => System.Text.Encoding.UTF8.GetString(entry.Payload.Span));

    /// <summary>One turn of the loop that production runs: collect, hand out, hold back what waits for the disk.</summary>
    public Ready Collect()
    {
        Core.CollectReady(Ready);
        Disk.Write(Ready);
        _outbox.AddRange(Ready.SendNow);
        foreach (var message in Ready.SendAfterPersist)
        {
            _held.Enqueue((Ready.Mark.Sequence, message));
        }

        foreach (var entry in Ready.Committed)
        {
            Assert.Equal(Machine.Count + 1, entry.Index.Value);
            Machine.Add(entry);
        }

        Core.Applied(new LogIndex(Machine.Count));
        Reads.AddRange(Ready.Reads);
        SnapshotsWanted.AddRange(Ready.NeedSnapshot);
        return Ready;
    }

    /// <summary>The disk makes the oldest batch durable and says so.</summary>
    public void Flush() => Confirm(Disk.Flush());

    /// <summary>The disk merges all batches into one flush and only speaks of the last.</summary>
    public void FlushAll()
    {
        PersistMark? last = null;
        while (Disk.PendingCount > 0)
        {
            last = Disk.Flush();
        }

        if (last is { } mark)
        {
            Confirm(mark);
        }
    }

    public void Restart(int flushed, ulong seed)
    {
        Disk.Crash(flushed);
        _held.Clear();
        Reads.Clear();
        SnapshotsWanted.Clear();
        Machine = [.. SnapshotMachine];
        Core = RaftCore.Restore(_config, Disk.Image(Id), seed);
        _flushed = 0;
    }

    /// <summary>Writes a snapshot at what is applied and forgets the log but for a tail.</summary>
    public SnapshotMark TakeSnapshot(int tail)
    {
        var index = new LogIndex(Machine.Count);
        var term = Machine.Count > 0 ? Machine[^1].Term : Term.Zero;
        var mark = new SnapshotMark(index, term, Core.MembershipAt(index));
        SnapshotMachine = [.. Machine];
        var keepFrom = new LogIndex(Math.Max(1, index.Value - tail + 1));
        Disk.Trim(mark, keepFrom);
        Core.Compact(keepFrom.Previous);
        return mark;
    }

    /// <summary>Receives another member's newest snapshot; false when this member no longer has use for it.</summary>
    public bool InstallSnapshot(Member from)
    {
        var mark = from.Disk.Snapshot;
        if (!Core.WantsSnapshot(mark))
        {
            return false;
        }

        Disk.Snapshot = mark;
        SnapshotMachine = [.. from.SnapshotMachine];
        Machine = [.. SnapshotMachine];
        Core.SnapshotInstalled(mark);
        return true;
    }

    private void Confirm(PersistMark mark)
    {
        _flushed = mark.Sequence;
        Core.Persisted(mark);
        while (_held.TryPeek(out var held) && held.Sequence <= _flushed)
        {
            _outbox.Add(_held.Dequeue().Message);
        }
    }
}

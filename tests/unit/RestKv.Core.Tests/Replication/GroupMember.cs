using RestKv.Core.Commands;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

/// <summary>One member of a <see cref="ReplicaGroup"/>: the disk is a list, the network a queue of the group.</summary>
internal sealed class GroupMember : IReplicaEffects
{
    private readonly ReplicaGroup _group;
    private readonly ReplicaConfig _config;
    private readonly Membership _membership;
    private readonly Queue<PersistBatch> _writing = new();
    private readonly List<Entry> _log = [];
    private SnapshotMark _base;
    private byte[] _snapshot = [];
    private HardState _hardState;
    private long _sequence;
    private long _incarnation;

    public GroupMember(ReplicaGroup group, NodeId id, Membership membership, ReplicaConfig config)
    {
        _group = group;
        _config = config;
        _membership = membership;
        _base = SnapshotMark.Origin(membership);
        Id = id;
        Start();
    }

    public NodeId Id { get; }

    public Replica Replica { get; private set; } = null!;

    public List<Publication> Publications { get; } = [];

    public Dictionary<object, Completion> Completions { get; } = [];

    public List<SnapshotMark> Saved { get; } = [];

    public List<bool> WasUrgent { get; } = [];

    public List<(NodeId Peer, LogIndex AtLeast)> SnapshotsAskedFor { get; } = [];

    public bool HasWork => _writing.Count > 0;

    public Publication Current => Publications[^1];

    /// <summary>The process dies and comes back with what was durable; who waited waits for ever.</summary>
    public void Crash()
    {
        _writing.Clear();
        Start();
    }

    public void Handle(in ReplicaEvent e)
    {
        Replica.Handle(_group.Now, e);
        Replica.Flush();
    }

    /// <summary>Several events in one turn.</summary>
    public void HandleTogether(params ReplicaEvent[] events)
    {
        foreach (var e in events)
        {
            Replica.Handle(_group.Now, e);
        }

        Replica.Flush();
    }

    public object Submit(Command command, string key = "")
    {
        var token = new object();
        Handle(MakeSubmit(token, command, key));
        return token;
    }

    public ReplicaEvent MakeSubmit(object token, Command command, string key = "") => ReplicaEvent.Submit(
        token,
        Envelope.Encode(
            new ByteWriter(), Id.Value, _incarnation, ++_sequence, "", System.Text.Encoding.UTF8.GetBytes(key), 7, command),
        SpaceNeed.Grows(command));

    public object Put(string key, string value) =>
        Submit(new Command.Write(new Operation.Put(LoneReplica.Bytes(key), LoneReplica.Bytes(value))));

    public OperationResult? ResultOf(object token) => Completions.TryGetValue(token, out var end) ? end.Result : null;

    public string? Get(string key) => Current.View.TryGet(LoneReplica.Bytes(key), out var item)
        ? System.Text.Encoding.UTF8.GetString(item.Value.Span)
        : null;

    public void PersistAll()
    {
        while (_writing.TryDequeue(out var batch))
        {
            Keep(batch);
            Handle(ReplicaEvent.Persisted(batch.Mark));
        }
    }

    /// <summary>What a receiver does, then what the sender is told.</summary>
    public void DeliverSnapshotTo(GroupMember peer, SnapshotMark mark, byte[] bytes)
    {
        peer.TakeSnapshot(mark, bytes);
        Handle(ReplicaEvent.SnapshotSent(peer.Id, delivered: true));
    }

    void IReplicaEffects.Persist(PersistBatch batch) => _writing.Enqueue(batch);

    void IReplicaEffects.Send(in Message message) => _group.Send(message);

    void IReplicaEffects.Publish(Publication publication)
    {
        Assert.True(publication.View.Revision >= publication.FromRevision);
        Publications.Add(publication);
    }

    void IReplicaEffects.Complete(in Completion completion)
    {
        if (completion.Result is { } result)
        {
            Assert.True(result.Revision <= Current.View.Revision, "answered before it was published");
        }

        Completions.Add(completion.Token, completion);
    }

    void IReplicaEffects.SaveSnapshot(MachineImage image, SnapshotMark mark, bool isUrgent)
    {
        var sink = new MemorySnapshot();
        SnapshotCodec.Write(image, sink);
        Saved.Add(mark);
        WasUrgent.Add(isUrgent);
        _group.Later(() =>
        {
            KeepSnapshot(mark, sink.ToArray());
            Handle(ReplicaEvent.SnapshotSaved(mark.Index, sink.ToArray().Length));
        });
    }

    void IReplicaEffects.SendSnapshot(NodeId peer, LogIndex atLeast)
    {
        Assert.True(_base.Index >= atLeast, "asked to send what there is not");
        SnapshotsAskedFor.Add((peer, atLeast));
        _group.SnapshotDue(this, peer, _base, _snapshot);
    }

    private void TakeSnapshot(SnapshotMark mark, byte[] bytes)
    {
        KeepSnapshot(mark, bytes);
        Handle(ReplicaEvent.SnapshotArrived(mark, SnapshotCodec.Read(new MemorySnapshot(bytes), new MachineOptions())));
    }

    private void KeepSnapshot(SnapshotMark mark, byte[] bytes)
    {
        if (mark.Index > _base.Index)
        {
            (_base, _snapshot) = (mark, bytes);
        }
    }

    private void Keep(PersistBatch batch)
    {
        _hardState = batch.HardState ?? _hardState;
        if (batch.Snapshot is { } restart)
        {
            Assert.True(_base.Index >= restart.Index, "the log restarts after a snapshot that is not durable");
            _log.Clear();
        }

        foreach (var entry in batch.Entries)
        {
            _log.RemoveAll(known => known.Index >= entry.Index);
            _log.Add(entry);
        }
    }

    private void Start()
    {
        _incarnation++;
        _sequence = 0;
        var entries = _log.Where(entry => entry.Index > _base.Index).ToArray();
        var image = new RaftImage(Id, _hardState, _base, entries);
        var machine = _base.Index == LogIndex.Zero
            ? new KvStateMachine(new MachineOptions())
            : SnapshotCodec.Read(new MemorySnapshot(_snapshot), new MachineOptions());
        Publications.Clear();
        Completions.Clear();
        Replica = new Replica(
            _config with { Incarnation = _incarnation }, image, machine, this, (ulong)((_incarnation * 100) + Id.Value));
        Replica.Flush();
    }
}

using RestKv.Core.Commands;
using RestKv.Core.Mvcc;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

/// <summary>One member with a disk that is a list: writes become durable when the test says so.</summary>
internal sealed class LoneReplica : IReplicaEffects
{
    private static readonly NodeId Self = new(7);
    private readonly List<Entry> _durable = [];
    private readonly Queue<PersistBatch> _writing = new();
    private readonly ReplicaConfig _config;
    private readonly ulong _seed;
    private HardState _hardState;
    private long _sequence;

    public LoneReplica(ReplicaConfig? config = null, ulong seed = 42)
    {
        _seed = seed;
        _config = config ?? new ReplicaConfig();
        Start();
    }

    public Replica Replica { get; private set; } = null!;

    public KvStateMachine Machine { get; private set; } = null!;

    public List<Publication> Publications { get; } = [];

    public Dictionary<object, Completion> Completions { get; } = [];

    public List<MachineImage> Snapshots { get; } = [];

    /// <summary>The requests in the log on disk, in order.</summary>
    public IEnumerable<RequestId> Requests =>
        _durable.Select(entry => RequestId.TryRead(entry.Payload.Span, out var id) ? id : default).Where(id => id != default);

    public ReadView View => Publications[^1].View;

    /// <summary>Monotonic and wall clock of the test.</summary>
    public long NowMs { get; set; } = 1_000_000;

    public long WallMs { get; set; } = 1_700_000_000_000;

    public bool AutoPersist { get; set; } = true;

    /// <summary>The process dies and comes back with what was durable; its monotonic clock begins anew.</summary>
    public void Crash()
    {
        _writing.Clear();
        NowMs = 5;
        Start();
    }

    public void Elect()
    {
        for (var i = 0; i < 50 && !Replica.IsSettledLeader; i++)
        {
            Tick();
        }

        Assert.True(Replica.IsSettledLeader);
    }

    public void Tick(long ms = 100)
    {
        NowMs += ms;
        WallMs += ms;
        Handle(ReplicaEvent.Tick());
    }

    /// <summary>Lets an amount of time pass in ticks.</summary>
    public void Pass(long ms)
    {
        for (; ms > 0; ms -= 100)
        {
            Tick(Math.Min(ms, 100));
        }
    }

    public void Handle(in ReplicaEvent e)
    {
        Replica.Handle(new Moment(NowMs, WallMs), e);
        Replica.Flush();
        while (AutoPersist && _writing.Count > 0)
        {
            PersistOne();
        }
    }

    public void PersistOne()
    {
        Keep(_writing.Dequeue());
        Replica.Flush();
    }

    /// <summary>Everything that waits becomes durable at once, so that it is applied in one turn.</summary>
    public void PersistTogether()
    {
        while (_writing.TryDequeue(out var batch))
        {
            Keep(batch);
        }

        Replica.Flush();
    }

    private void Keep(PersistBatch batch)
    {
        if (batch.HardState is { } hardState)
        {
            _hardState = hardState;
        }

        foreach (var entry in batch.Entries)
        {
            _durable.RemoveRange((int)entry.Index.Value - 1, _durable.Count - ((int)entry.Index.Value - 1));
            _durable.Add(entry);
        }

        Replica.Handle(new Moment(NowMs, WallMs), ReplicaEvent.Persisted(batch.Mark));
    }

    public object Submit(Command command, string key = "", ulong hash = 0, string author = "")
    {
        var token = new object();
        var payload = Envelope.Encode(
            new ByteWriter(), Self.Value, 1, ++_sequence, author, System.Text.Encoding.UTF8.GetBytes(key), hash, command);
        Handle(ReplicaEvent.Submit(token, payload, grows: command is Command.Write { Operation: Operation.Put }));
        return token;
    }

    public OperationResult Run(Command command, string key = "", ulong hash = 0)
    {
        var token = Submit(command, key, hash);
        return Assert.IsAssignableFrom<OperationResult>(Completions[token].Result);
    }

    public OperationResult Put(string key, string value, Func<Operation.Put, Operation.Put>? with = null)
    {
        var put = new Operation.Put(Bytes(key), Bytes(value));
        return Run(new Command.Write(with is null ? put : with(put)));
    }

    public string? Get(string key) =>
        View.TryGet(Bytes(key), out var item) ? System.Text.Encoding.UTF8.GetString(item.Value.Span) : null;

    public static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    void IReplicaEffects.Persist(PersistBatch batch) => _writing.Enqueue(batch);

    void IReplicaEffects.Send(in Message message) => Assert.Fail("a lone member has nobody to talk to");

    void IReplicaEffects.Publish(Publication publication)
    {
        if (Publications.Count > 0)
        {
            Assert.True(publication.View.Revision >= publication.FromRevision);
        }

        Publications.Add(publication);
    }

    void IReplicaEffects.Complete(in Completion completion)
    {
        if (completion.Result is { } result)
        {
            Assert.True(result.Revision <= View.Revision, "answered before it was published");
        }

        Completions.Add(completion.Token, completion);
    }

    void IReplicaEffects.SaveSnapshot(MachineImage image, SnapshotMark mark, bool isUrgent)
    {
        Assert.Equal(image.AppliedIndex, mark.Index.Value);
        Snapshots.Add(image);
    }

    void IReplicaEffects.SendSnapshot(NodeId peer, LogIndex atLeast) => Assert.Fail("a lone member has nobody to send to");

    private void Start()
    {
        var image = new RaftImage(
            Self, _hardState, SnapshotMark.Origin(new Membership([Self], [])), _durable.ToArray());
        Machine = new KvStateMachine(new MachineOptions());
        Replica = new Replica(_config, image, Machine, this, _seed);
        Replica.Flush();
    }
}

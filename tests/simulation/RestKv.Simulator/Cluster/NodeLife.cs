using RestKv.Core;
using RestKv.Core.Auth;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Simulator.Engine;
using RestKv.Storage;

namespace RestKv.Simulator.Cluster;

/// <summary>
/// One process of one member: the real store, replica and watch hub, with virtual time in place of threads. What the
/// threads of the shell do, and when their work is handed over, is copied here step by step.
/// </summary>
internal sealed partial class NodeLife : IReplicaEffects
{
    private readonly Simulation _simulation;
    private readonly SimulatedNode _node;
    private readonly SimulationRandom _random;
    private readonly ReplicaStore _store;
    private readonly Replica _replica;
    private readonly List<ReplicaEvent> _mailbox = [];
    private readonly long _startedAt;
    private readonly long _clockOrigin;
    private bool _isDrainDue;
    private bool _isDead;
    private AuthTable? _authSeen;
    private bool _isFirstPublication = true;
    private long _appliedSeen;
    private bool _wasLeader;

    /// <summary>The replica's state: what it was begun with, or received since.</summary>
    private KvStateMachine _machine;
    private KvStateMachine? _arriving;

    private NodeLife(Simulation simulation, SimulatedNode node, SimulationRandom random, ReplicaStore store, KvStateMachine machine)
    {
        _simulation = simulation;
        _node = node;
        _random = random;
        _store = store;
        _machine = machine;
        _startedAt = simulation.Scheduler.Now;
        _clockOrigin = random.Between(0, 1_000_000_000);
        _appliedSeen = machine.AppliedIndex;
        _lifeNumber = (long)(random.NextSeed() >> 1) | 1;
        _evidence = MemberEvidence.Collect(machine.Members, store.Image.Entries);
        RememberLog(store.Image);
        var durable = store.Image.Entries.Count > 0 ? store.Image.Entries[^1].Index : store.Image.Snapshot.Index;
        simulation.Committed.Durable(node.Id, durable);
        _replica = new Replica(MakeConfig(simulation, store), store.Image, machine, this, random.NextSeed());
    }

    public bool IsSettledLeader => !_isDead && _replica.IsSettledLeader;

    public bool IsSavingSnapshot { get; private set; }

    public Publication? Current { get; private set; }

    public RaftStatus Status => _replica.Status;

    private long NowMs => _clockOrigin + ((_simulation.Scheduler.Now - _startedAt) / Time.Millisecond);

    /// <summary>Opens the store, recovers the machine: all that happens before a process serves.</summary>
    public static NodeLife Begin(Simulation simulation, SimulatedNode node, ulong salt, SimulationRandom random)
    {
        var options = simulation.Options;
        var store = ReplicaStore.Open(node.Disk, new StoreOptions
        {
            Node = node.Id,
            Fresh = new FreshStore(new ClusterId(77), node.Id, node.FirstMembership, salt),
            SegmentBytes = options.SegmentBytes,
            ReserveBytes = options.ReserveBytes,
            KeepLogForOlderSnapshot = options.KeepLogForOlderSnapshot,
            OverlapEntriesMax = options.OverlapEntriesMax,
        });
        var sometimes = simulation.Sometimes;
        sometimes.HitIf(store.Report.Torn is not null, "torn tail cut");
        sometimes.HitIf(store.Snapshot is not null, "recovered from a snapshot");
        sometimes.HitIf(store.Snapshot is null && store.Image.Entries.Count > 0, "recovered from the log alone");
        using var snapshot = store.Snapshot;
        var machineOptions = new MachineOptions { Mvcc = options.StoreOptions };
        var machine = snapshot is null ? new KvStateMachine(machineOptions) : SnapshotCodec.Read(snapshot, machineOptions);
        sometimes.HitIf(machine.Leases.Count > 0, "lease outlived a restart");
        simulation.Trace.Add(node.Id.Value, "recovered", store.Image.Snapshot.Index.Value, store.Image.Entries.Count);
        return new NodeLife(simulation, node, random, store, machine);
    }

    public void Run()
    {
        _replica.Flush();
        Later(Time.Millisecond, Maintain);
        Later(_simulation.Options.TickMs * Time.Millisecond, Tick);
        Later(Time.Millisecond, Announce);
    }

    public void CompareLeases() => _simulation.Committed.CompareLeases(_node.Id, _appliedSeen, _machine.Leases);

    public void Die()
    {
        _isDead = true;
        var sometimes = _simulation.Sometimes;
        sometimes.HitIf(_isFlushing, "process ended during a flush");
        sometimes.HitIf(IsSavingSnapshot, "process ended while it saved a snapshot");
        sometimes.HitIf(_receiver is not null || _isLoading, "process ended while it received a snapshot");
        sometimes.HitIf(_wasLeader, "process ended while it led");
        sometimes.HitIf(_calls.Count > 0, "process ended with requests in hand");
        sometimes.HitIf(_sessions.Count > 0, "watch ended by its process");
        sometimes.HitIf(_wasLeader && _lastLogged > _committedSeen.Value, "leader ended with uncommitted entries");
        foreach (var call in _calls)
        {
            call.Broken();
        }

        foreach (var session in _sessions)
        {
            session.Break();
        }
    }

    /// <summary>Something enters the mailbox; the replica drains it soon, with whatever else came in meanwhile.</summary>
    public void Post(in ReplicaEvent e)
    {
        _mailbox.Add(e);
        if (!_isDrainDue)
        {
            _isDrainDue = true;
            Later(_random.Between(1, 60) * Time.Microsecond, Drain);
        }
    }

    public void Send(in Message message)
    {
        NoteMessage(_simulation.Sometimes, message);
        JudgePromise(message);
        if (!IsGone(message.To))
        {
            _simulation.Network.Send(message, StoreId);
        }
    }

    public void Publish(Publication publication)
    {
        var committed = _simulation.Committed;
        Current = publication;
        if (publication.IsReset)
        {
            NoteReset();
        }

        for (var index = _appliedSeen + 1; index <= publication.Raft.Applied.Value; index++)
        {
            committed.Applied(_node.Id, _log[index], publication.Raft.Membership);
            _appliedSeen = index;
        }

        // Every publication is compared with the model, the first of a life and what was received as a whole.
        if (_isFirstPublication || publication.IsReset)
        {
            committed.Compare(_node.Id, _appliedSeen, publication.View, 0);
            committed.CompareState(_node.Id, publication.View);
            committed.CompareLeases(_node.Id, _appliedSeen, _machine.Leases);
        }
        else
        {
            committed.Compare(_node.Id, _appliedSeen, publication.View, publication.FromRevision);
        }

        if (!ReferenceEquals(publication.Auth, _authSeen))
        {
            committed.CompareAuth(_node.Id, _appliedSeen, publication.Auth);
            _authSeen = publication.Auth;
        }

        if (_isFirstPublication)
        {
            _isFirstPublication = false;
            StartWatches(publication.View);
        }
        else
        {
            DispatchWatches(publication.IsReset);
        }

        if (publication.Facts.HasDiverged)
        {
            throw new Checks.SimulationFailure("I30", $"member {_node.Id} was outvoted in a comparison of states, and nothing was planted");
        }

        NoteMembers(publication.Facts.Members);
        NoteRole(publication.Raft);
        _simulation.Trace.Add(_node.Id.Value, "published", publication.View.Revision, _appliedSeen);
    }

    private static ReplicaConfig MakeConfig(Simulation simulation, ReplicaStore store)
    {
        var options = simulation.Options;
        return new()
        {
            Raft = new RaftConfig
            {
                ElectionTicksMin = Math.Max(2, 600 / options.TickMs),
                ElectionTicksMax = Math.Max(4, 1200 / options.TickMs),
                AppendEntriesMax = options.AppendEntriesMax,
                InflightMessagesMax = options.InflightMessagesMax,
                CommittedEntriesMax = options.CommittedEntriesMax,
            },
            TickMs = options.TickMs,
            SnapshotBytesMin = options.SnapshotBytesMin,
            WindowEntries = options.WindowEntries,
            WindowBytes = options.WindowEntries * 100L,
            ForwardPatienceMs = 3000,
            CompactSliceRecords = options.TinyStore ? 4 : 256,
            CompactionStepMin = 5,
            StateCheckMs = options.StateCheckMs,
            FirstMembers = simulation.FirstMembers,
            Incarnation = store.Identity.Incarnation,
        };
    }

    private void Drain()
    {
        _isDrainDue = false;
        var now = Now();
        foreach (var e in _mailbox)
        {
            _replica.Handle(now, e);
        }

        _mailbox.Clear();
        _replica.Flush();
        if (_replica.HasIdleWork)
        {
            _simulation.Sometimes.Hit("compaction in slices");
            Later(_random.Between(1, 300) * Time.Microsecond, Idle);
        }
    }

    private void Idle()
    {
        // As the replica's thread does: spare time is time in which the mailbox is empty.
        if (_replica.HasIdleWork && _mailbox.Count == 0)
        {
            _replica.Idle();
            if (_replica.HasIdleWork)
            {
                Later(_random.Between(1, 300) * Time.Microsecond, Idle);
            }
        }
    }

    private void Tick()
    {
        Post(ReplicaEvent.Tick());
        Later(_simulation.Options.TickMs * Time.Millisecond, Tick);
    }

    private Moment Now() => new(NowMs, 1_800_000_000_000 + NowMs + _node.WallOffsetMs);

    public void Later(long delay, Action action) => _node.After(delay, this, action);
}

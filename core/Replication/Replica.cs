using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// The reactor: consensus, state machine and whoever waits for them. Events in by <see cref="Handle"/>, effects out by
/// <see cref="Flush"/>, once per drained batch: one Ready, one Persist, one publication. Owned by the replica thread;
/// the simulator drives the same type.
/// </summary>
public sealed partial class Replica
{
    /// <summary>Keeps the numbers of forwarded requests apart from the other numbers that are drawn from the seed.</summary>
    private const ulong ForwardSalt = 0x5851F42D4C957F2DUL;
    private const ulong OwnSalt = 0xDA942042E4DD58B5UL;

    private readonly ReplicaConfig _config;
    private readonly IReplicaEffects _effects;
    private readonly RaftCore _raft;
    private readonly Ready _ready = new();
    private readonly Queue<(long Sequence, Message[] Messages)> _heldMessages = new();
    private readonly PendingOperations _pending = new();
    private readonly ForwardedOperations _forwards;
    private readonly LogWindow _window;
    private readonly ReadQueue _reads = new();
    private readonly SnapshotPolicy _snapshots;
    private readonly LeaderClock _clock = new();
    private readonly List<Completion> _completions = [];
    private readonly List<object> _scratch = [];
    private readonly List<Action<KvStateMachine, Moment>> _questions = [];
    private readonly ByteWriter _writer = new();
    private KvStateMachine _machine;
    private RenewalBatch? _renewals;
    private Moment _now;
    private long _publishedRevision;
    private long _ownSequence;
    private long _recordsAtSlice;
    private bool _isLogFull;

    /// <summary>Whether leadership may still be given away because the disk is full: once each time it fills up.</summary>
    private bool _mayHandOver;
    private bool _mustPublish = true;

    /// <param name="machine">Holds exactly what the image's snapshot covers.</param>
    public Replica(ReplicaConfig config, RaftImage image, KvStateMachine machine, IReplicaEffects effects, ulong seed)
    {
        Invariant.Check(machine.AppliedIndex == image.Snapshot.Index.Value);
        _config = config;
        _machine = machine;
        _effects = effects;
        _snapshots = new SnapshotPolicy(config.SnapshotBytesMin, config.SnapshotQuietMs);
        _snapshots.Installed(image.Snapshot.Index);
        _raft = RaftCore.Restore(config.Raft, image, seed);
        _stateCheck = new StateCheck(() => _raft.Membership);
        Adopt(machine);
        _forwards = new ForwardedOperations((long)(new SplitMix64(seed ^ ForwardSalt).Next() >> 2));
        _ownSequence = -(long)(new SplitMix64(seed ^ OwnSalt).Next() >> 2);
        _window = new LogWindow(config.WindowEntries, config.WindowBytes);
        _window.Begin(_raft.WindowStart);
        _publishedRevision = machine.Store.Revision;
        foreach (var entry in image.Entries)
        {
            _snapshots.Logged(entry.Payload.Length);
            if (entry.Index > _window.Start && entry.Index <= image.Snapshot.Index)
            {
                _window.Add(entry.Payload.Length);
            }
        }
    }

    public RaftStatus Status => _raft.Status;

    /// <summary>True while physical compaction has work left: call <see cref="Idle"/> when nothing else is to do.</summary>
    public bool HasIdleWork { get; private set; }

    /// <summary>True when this member leads and its term has a committed entry: everything before it is applied.</summary>
    public bool IsSettledLeader => _clock.IsRunning;

    /// <summary>Cluster time now, as far as this member can tell: exact on a settled leader, that of the last applied entry else.</summary>
    public long ClusterTimeMs(Moment now) => _clock.Read(now, _machine.ClusterTimeMs);

    /// <summary>Requests that have no answer yet.</summary>
    private int WaitingCount => _pending.Count + _forwards.Count + _kept.Count;

    private bool IsFull =>
        _isLogFull || (_config.QuotaBytes > 0 && _machine.Store.BytesInUse >= _config.QuotaBytes);

    public void Handle(Moment now, in ReplicaEvent e)
    {
        _now = now;
        switch (e.Kind)
        {
            case ReplicaEventKind.Tick:
                LeaveOfficeIfDiverged();
                _raft.Tick();
                GiveUpForwards();
                Tick();
                break;
            case ReplicaEventKind.Peer:
                FromPeer(e.Message);
                break;
            case ReplicaEventKind.Submit:
                Submit(Invariant.NotNull(e.Token), Invariant.NotNull(e.Payload), e.Grows);
                break;
            case ReplicaEventKind.Read:
                _reads.Add(Invariant.NotNull(e.Token));
                break;
            case ReplicaEventKind.Renew:
                (_renewals ??= new RenewalBatch()).Add(Invariant.NotNull(e.Token), e.Renewal);
                break;
            case ReplicaEventKind.Persisted:
                Persisted(e.Mark);
                break;
            case ReplicaEventKind.SnapshotSaved:
                SnapshotSaved(e.Mark.Index, e.Number);
                break;
            case ReplicaEventKind.SnapshotSent:
                SnapshotSent(new NodeId(e.Number), e.IsDelivered);
                break;
            case ReplicaEventKind.SnapshotArrived:
                var (mark, machine) = Invariant.NotNull(e.Arrival);
                Install(mark, machine);
                break;
            case ReplicaEventKind.TransferLeadership:
                _raft.TransferLeadership(new NodeId(e.Number));
                break;
            case ReplicaEventKind.Query:
                _questions.Add(Invariant.NotNull(e.Question));
                break;
            case ReplicaEventKind.Capture:
                var taker = Invariant.NotNull(e.Taker);
                _questions.Add((machine, _) =>
                    taker(machine.Capture(machine.Store.Publish()), _raft.MarkAt(new LogIndex(machine.AppliedIndex))));
                break;
            case ReplicaEventKind.NoSpace:
                SetSpaceShort(e.Number == 1);
                break;
            case ReplicaEventKind.PeerLost:
                _raft.PeerLost(new NodeId(e.Number));
                break;
            case ReplicaEventKind.PeerForgot:
                _raft.PeerForgot(new NodeId(e.Number));
                break;
            case ReplicaEventKind.PeerRemembered:
                _raft.PeerRemembered(new NodeId(e.Number));
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Lets everything that was handled take effect.</summary>
    public void Flush()
    {
        ReleaseKept();
        ProposeRenewals();
        ReportState();
        StartReads();
        while (_raft.HasReady)
        {
            _ready.Clear();
            _raft.CollectReady(_ready);
            Disperse();
            Apply();
        }

        if (HasIdleWork)
        {
            // More than what was written meanwhile, or a busy store would never get to the end.
            var slice = Math.Max(_config.CompactSliceRecords, 2 * (_machine.Store.RecordsWritten - _recordsAtSlice));
            HasIdleWork = _machine.Store.CompactStep((int)Math.Min(slice, int.MaxValue));
        }

        _recordsAtSlice = _machine.Store.RecordsWritten;
        if (_mustPublish)
        {
            Publish();
        }

        Release();
        foreach (var question in _questions)
        {
            question(_machine, _now);
        }

        _questions.Clear();
        FeedFollowers();
        SaveSnapshotIfDue();
    }

    /// <summary>Spare time: a slice of physical compaction.</summary>
    public void Idle()
    {
        HasIdleWork = _machine.Store.CompactStep(_config.CompactSliceRecords);
        if (!HasIdleWork)
        {
            Publish();
        }
    }

    private void SetSpaceShort(bool isShort)
    {
        _isLogFull = isShort;
        _mayHandOver = isShort;
        _snapshots.IsSpaceShort = isShort;
        _mustPublish = true;
        if (isShort)
        {
            _snapshots.Hurry();
        }
    }

    private void Submit(object token, byte[] payload, bool grows)
    {
        if (grows && IsFull)
        {
            Refuse(token, NotAppliedReason.NoSpace);
            return;
        }

        if (WaitingCount >= _config.PendingMax)
        {
            Refuse(token, NotAppliedReason.Overloaded);
            return;
        }

        ProposeOrForward(token, payload);
    }

    private void ProposeOrForward(object token, byte[] payload)
    {
        if (_raft.Role != RaftRole.Leader)
        {
            Forward(token, payload);
        }
        else if (!IsKept(token, payload))
        {
            Propose(token, payload);
        }
    }

    /// <summary>Stamps both times and proposes; the bytes must never change afterwards.</summary>
    private ProposeOutcome Append(byte[] payload)
    {
        var wallMs = Defects.Has(Defect.LetWallTimeGoBack) ? _now.WallMs : Math.Max(_now.WallMs, _machine.WallTimeMs);
        Envelope.Stamp(payload, wallMs, _clock.Read(_now, _machine.ClusterTimeMs));
        var outcome = _raft.Propose(payload);
        if (outcome.Verdict == ProposeVerdict.Accepted && MemberCodec.IsChange(Envelope.CommandTag(payload)))
        {
            _memberChange = outcome.Index;
        }

        return outcome;
    }

    private void Propose(object token, byte[] payload)
    {
        if (RefusalOf(payload) is var reason and not NotAppliedReason.None)
        {
            Refuse(token, reason);
            return;
        }

        var outcome = Append(payload);
        switch (outcome.Verdict)
        {
            case ProposeVerdict.Accepted:
                _pending.Add(outcome.Index, outcome.Term, token);
                break;
            case ProposeVerdict.Busy:
                Refuse(token, NotAppliedReason.Overloaded);
                break;
            default:
                Refuse(token, NotAppliedReason.NoLeader);
                break;
        }
    }

    /// <summary>A duty of the leader: nobody but the machine waits for it.</summary>
    private void ProposeOwn(object token, Command command) => Propose(token, EncodeOwn(command));

    /// <summary>
    /// Own commands count downwards, clients' requests of this member upwards, both from a number drawn at the start: an older
    /// image of a directory repeats the number of its start, but not these.
    /// </summary>
    private byte[] EncodeOwn(Command command) =>
        Envelope.Encode(_writer, _raft.Self.Value, _config.Incarnation, --_ownSequence, "", default, 0, command);

    private void Refuse(object token, NotAppliedReason reason) =>
        SettleToken(token, new OperationResult.NotApplied(reason), false);

    /// <summary>Completions wait for the publication that contains them.</summary>
    private void Settle(object token, OperationResult result, bool replayed) =>
        _completions.Add(new Completion(token, result, replayed, false));

    private void Persisted(in PersistMark mark)
    {
        _raft.Persisted(mark);
        while (_heldMessages.TryPeek(out var held) && held.Sequence <= mark.Sequence)
        {
            _heldMessages.Dequeue();
            foreach (var message in held.Messages)
            {
                _effects.Send(message);
            }
        }
    }

    private void ProposeRenewals()
    {
        if (_renewals is { } batch)
        {
            _renewals = null;
            ProposeOrForward(batch, EncodeOwn(batch.Command));
        }
    }

    private void StartReads()
    {
        if (_reads.HasNext)
        {
            _reads.Start(_raft.RequestRead());
        }
    }

    /// <summary>Sends a Ready's parts where they go. Promises are held until the disk has spoken.</summary>
    private void Disperse()
    {
        if (_ready.NeedsFlush)
        {
            foreach (var entry in _ready.Entries)
            {
                _snapshots.Logged(entry.Payload.Length);
            }

            _effects.Persist(new PersistBatch(
                _ready.Mark, _ready.HardState, _ready.Entries.ToArray(), _ready.Snapshot, _ready.NeedsFlush));
        }

        foreach (var message in _ready.SendNow)
        {
            _effects.Send(message);
        }

        if (_ready.SendAfterPersist.Count > 0)
        {
            _heldMessages.Enqueue((_ready.Mark.Sequence, _ready.SendAfterPersist.ToArray()));
        }

        if (_ready.Role is { } role)
        {
            RoleChanged(role);
        }

        foreach (var peer in _ready.NeedSnapshot)
        {
            _feeding.Need(peer);
        }
    }

    private void RoleChanged(in RoleChange role)
    {
        _mustPublish = true;
        _clock.RoleChanged(role);
        ForgetDuties();
        if (role.Role != RaftRole.Leader)
        {
            RefuseWaitingFollowers();
        }
        else
        {
            BeginGate(role.Term);
        }

        if (Defects.Has(Defect.SendForwardAgain) && role.Role != RaftRole.Leader && !role.Leader.IsNone)
        {
            SendAgain(role.Leader);
        }
    }
}

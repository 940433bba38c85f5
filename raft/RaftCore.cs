namespace RestKv.Raft;

/// <summary>
/// Consensus as a value-in, value-out machine: ticks, messages, proposals and answers of the disk go in, a
/// <see cref="Ready"/> comes out. It has no clock, thread or file, and given the same calls and seed it does the same
/// things. Not thread safe by design: one owner calls it. DESIGN.md explains the protocol choices.
/// </summary>
public sealed partial class RaftCore
{
    /// <summary>Spreads the seeds of members that were all given the same one.</summary>
    private const ulong SeedStride = 0x9E3779B97F4A7C15UL;

    private readonly RaftConfig _config;
    private readonly NodeId _self;
    private readonly SplitMix64 _random;
    private readonly RaftLog _log;
    private readonly MembershipHistory _memberships;

    private RaftRole _role = RaftRole.Follower;
    private Term _term;
    private NodeId _vote;
    private NodeId _leader;

    /// <summary>Ticks since the start; only differences count.</summary>
    private long _now;

    private RaftCore(RaftConfig config, RaftImage image, ulong seed)
    {
        config.Validate();
        Invariant.Check(!image.Self.IsNone);
        _config = config;
        _self = image.Self;
        _random = new SplitMix64(seed ^ ((ulong)image.Self.Value * SeedStride));
        _memberships = new MembershipHistory(image.Snapshot.Index, image.Snapshot.Membership);
        _log = RestoreLog(image, _memberships, out var dropped);
        if (dropped)
        {
            // The crash came after the snapshot and before the batch that restarts the log on disk: say it again, or the
            // stale entries would pose as the snapshot's past once new ones follow them.
            _snapshot = image.Snapshot;
        }

        _term = image.HardState.Term;
        _vote = image.HardState.Vote;
        if (image.Snapshot.Term > _term)
        {
            // The same crash may have lost the term that came with the snapshot.
            SetTerm(image.Snapshot.Term, NodeId.None);
        }

        Invariant.Check(_log.LastTerm <= _term);
        _commitWritten = _log.Committed;

        // Numbers of a former life must not mean anything in this one: an answer to it may still be on its way.
        _lastRead = (long)(_random.Next() >> 2);
        _role = IdleRole;
        ResetElectionTimer();
    }

    /// <summary>
    /// Brings one member back from its durable state. The seed must differ from start to start: it keeps elections from
    /// colliding and read numbers from being those of an earlier life.
    /// </summary>
    public static RaftCore Restore(RaftConfig config, RaftImage image, ulong seed) => new(config, image, seed);

    /// <summary>A full picture for status pages and tests; allocates.</summary>
    public RaftStatus Status => new(
        _self, _role, _term, _leader, _log.Last, _log.Persisted, _log.Committed, _log.Applied, _memberships.Current)
    {
        Settled = _memberships.At(_log.Committed),
        Peers = _peers.Length == 0 ? [] : [.. _peers.Select(peer => new PeerStatus(
            peer.Id, peer.IsVoter, peer.State.ToString(), peer.Match, peer.Next, SilentTicks(peer)))],
    };

    public NodeId Self => _self;

    public RaftRole Role => _role;

    public Term Term => _term;

    /// <summary>The leader this member believes in, or none.</summary>
    public NodeId Leader => _leader;

    public LogIndex Committed => _log.Committed;

    /// <summary>The place before the first entry in memory: a snapshot at or after it is good for any follower.</summary>
    public LogIndex WindowStart => _log.Offset;

    /// <summary>The membership in force, which may not be committed yet.</summary>
    public Membership Membership => _memberships.Current;

    /// <summary>For checks that compare whole logs.</summary>
    internal RaftLog Log => _log;

    /// <summary>One unit of time has passed.</summary>
    public void Tick()
    {
        _now++;
        if (_role == RaftRole.Leader)
        {
            TickLeader();
            return;
        }

        ExpireRemoteReads();
        _electionElapsed++;

        // Nobody else could be elected in a group of one: no reason to wait.
        var isDue = _electionElapsed >= _electionTimeout || (IsLoneVoter && _role == RaftRole.Follower);
        if (isDue && MayCampaign)
        {
            PreCampaign();
        }
        else if (_electionElapsed >= _electionTimeout)
        {
            SetLeader(NodeId.None);
            ResetElectionTimer();
        }
    }

    /// <summary>A message from a peer has arrived. Anything that makes no sense is dropped, never believed.</summary>
    public void Step(in Message message)
    {
        if (message.To != _self || message.From == _self || message.From.IsNone || _forgetful.Contains(message.From))
        {
            return;
        }

        if (message.Term < _term)
        {
            AnswerOldTerm(message);
            return;
        }

        if (message.Term > _term && !EnterTermOf(message))
        {
            return;
        }

        Dispatch(message);
    }

    /// <summary>Appends a command if this member leads. The bytes must never change afterwards.</summary>
    public ProposeOutcome Propose(ReadOnlyMemory<byte> command)
    {
        if (_role != RaftRole.Leader)
        {
            return Outcome(ProposeVerdict.NotLeader);
        }

        // One entry always fits, however large: otherwise a limit below its size would refuse it for ever.
        if (IsTransferring
            || (_uncommittedBytes > 0 && _uncommittedBytes + CostOf(command.Length) > _config.UncommittedBytesMax))
        {
            return Outcome(ProposeVerdict.Busy);
        }

        return new ProposeOutcome(ProposeVerdict.Accepted, AppendOwn(EntryKind.Command, command), _term, _self);
    }

    /// <summary>The membership that was in force at <paramref name="index"/>; for the mark of a snapshot taken there.</summary>
    public Membership MembershipAt(LogIndex index) => _memberships.At(index);

    /// <summary>The mark of a snapshot taken at an applied index that is still in the window, or at its start.</summary>
    public SnapshotMark MarkAt(LogIndex index)
    {
        Invariant.Check(_log.TryTermAt(index, out var term));
        return new SnapshotMark(
            index, term, Defects.Has(Defect.SnapshotOfLaterMembership) ? Membership : _memberships.At(index));
    }

    /// <summary>The state machine has applied up to here.</summary>
    public void Applied(LogIndex index) => _log.AppliedTo(index);

    /// <summary>
    /// Entries up to <paramref name="index"/>, which are applied, may leave memory. A follower that needs one of them will be
    /// reported in <see cref="Ready.NeedSnapshot"/>, so the caller must be able to send a snapshot at or after the index.
    /// </summary>
    public void Compact(LogIndex index)
    {
        _log.Compact(index);
        _memberships.Compact(index);
    }

    private void Dispatch(in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.PreVote:
            case MessageKind.Vote:
                HandleVoteRequest(message);
                break;
            case MessageKind.PreVoteReply:
            case MessageKind.VoteReply:
                HandleVoteReply(message);
                break;
            case MessageKind.Append:
                HandleAppend(message);
                break;
            case MessageKind.AppendReply:
                HandleAppendReply(message);
                break;
            case MessageKind.Heartbeat:
                HandleHeartbeat(message);
                break;
            case MessageKind.HeartbeatReply:
                HandleHeartbeatReply(message);
                break;
            case MessageKind.TimeoutNow:
                HandleTimeoutNow();
                break;
            case MessageKind.ReadIndex:
                HandleReadIndex(message);
                break;
            case MessageKind.ReadIndexReply:
                HandleReadIndexReply(message);
                break;
            case MessageKind.SnapshotReply:
                HandleSnapshotReply(message);
                break;
            case MessageKind.None:
            default:
                break;
        }
    }

    /// <summary>Whether the entries on disk continue the snapshot, rather than being an older suffix it has overtaken.</summary>
    internal static bool ContinuesSnapshot(SnapshotMark snapshot, IReadOnlyList<Entry> entries)
    {
        if (entries.Count == 0 || entries[^1].Index < snapshot.Index)
        {
            return false;
        }

        var first = entries[0].Index;
        Invariant.Check(first.Value >= 1);
        Invariant.Check(first.Value <= snapshot.Index.Value + 1);
        return first > snapshot.Index
            || entries[(int)(snapshot.Index.Value - first.Value)].Term == snapshot.Term;
    }

    private static RaftLog RestoreLog(RaftImage image, MembershipHistory memberships, out bool dropped)
    {
        var snapshot = image.Snapshot;
        var entries = image.Entries;
        dropped = entries.Count > 0 && !ContinuesSnapshot(snapshot, entries);
        if (entries.Count == 0 || dropped)
        {
            var bare = new RaftLog(snapshot.Index, snapshot.Term);
            bare.Recovered(snapshot.Index, snapshot.Index);
            return bare;
        }

        // The term before the first entry is known at the origin and right after the snapshot. Elsewhere the first entry
        // of the overlap stands in for it.
        var first = entries[0];
        var skip = first.Index > snapshot.Index || first.Index.Value == 1 ? 0 : 1;
        var log = skip == 1
            ? new RaftLog(first.Index, first.Term)
            : new RaftLog(first.Index.Previous, first.Index > snapshot.Index ? snapshot.Term : Term.Zero);
        for (var i = skip; i < entries.Count; i++)
        {
            var entry = entries[i];
            log.Append(entry);
            if (entry.Kind == EntryKind.Membership && entry.Index > snapshot.Index)
            {
                Invariant.Check(Membership.TryDecode(entry.Payload.Span, out var membership));
                memberships.Add(entry.Index, membership);
            }
        }

        log.Recovered(snapshot.Index, image.HardState.Commit);
        return log;
    }

    /// <summary>A broken connection is as good as silence.</summary>
    private long SilentTicks(Progress peer) =>
        peer.IsLost ? Math.Max(_now - peer.LastHeard, _config.ElectionTicksMin) : _now - peer.LastHeard;

    private ProposeOutcome Outcome(ProposeVerdict verdict) => new(verdict, LogIndex.Zero, _term, _leader);

    private Message Make(MessageKind kind, NodeId to) => new() { Kind = kind, From = _self, To = to, Term = _term };
}

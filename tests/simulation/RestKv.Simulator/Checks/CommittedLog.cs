using System.Text;
using RestKv.Checkers.Leases;
using RestKv.Checkers.Model;
using RestKv.Checkers.Witness;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Raft;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Checks;

/// <summary>
/// The one order of entries that the cluster has committed, as the members show it, applied to the model as it grows. No
/// member may ever apply another entry at an index (I5), show another state after it (I12, I15, I16), or apply what is not
/// durable on a quorum (I7, I19).
/// </summary>
internal sealed partial class CommittedLog(Scheduler scheduler, Membership first)
{
    /// <summary>Committed memberships by the entry that made them, in log order.</summary>
    private readonly List<(long Index, Membership Membership)> _memberships = [(0, first)];
    private readonly Dictionary<int, (RejectionCode? Refusal, NodeId Id)> _memberAnswers = [];
    private readonly List<Entry> _entries = [];
    private readonly List<long> _revisionAfter = [1];
    private readonly List<long> _floorAfter = [0];
    private readonly List<ModelLeaseState[]> _leasesAfter = [[]];
    private long _lives;
    private readonly List<string> _authAfter = [new KvModel().DescribeAuth()];
    private readonly Dictionary<(long Origin, long Incarnation, long Sequence), int> _requests = [];
    private readonly List<CommittedEntry> _order = [];
    private readonly List<LeaseEnd> _leaseEnds = [];
    private readonly Dictionary<long, long> _durable = [];

    /// <summary>What disks held that are lost.</summary>
    private readonly Dictionary<long, long> _heldOnce = [];
    private long _wallMs;
    private long _clusterMs;

    public KvModel Model { get; } = new();

    public IReadOnlyList<CommittedEntry> Order => _order;

    public IReadOnlyList<LeaseEnd> LeaseEnds => _leaseEnds;

    public long LastIndex => _entries.Count;

    /// <summary>Told of each entry when it is first seen committed: entry, its operation, the model's result, revision before.</summary>
    public Action<Envelope?, int?, ModelResult?, long>? OnCommitted { get; set; }

    /// <summary>Told of each membership when it is first seen committed: its entry, the one before, itself.</summary>
    public Action<Entry, Membership, Membership>? OnMembership { get; init; }

    /// <summary>
    /// Where a life of a member begins to number its requests: behind all others, as the product draws it at random. A member that lost
    /// its disk counts its starts anew, and what it asked before may still be on its way.
    /// </summary>
    public long FirstSequence() => ++_lives << 32;

    /// <summary>A client's request is about to reach a log under this id.</summary>
    public void Announce(long origin, long incarnation, long sequence, int operationId) =>
        Invariant.Check(_requests.TryAdd((origin, incarnation, sequence), operationId));

    public MemberLedger Members { get; } = new();

    /// <summary>The newest committed membership.</summary>
    public Membership Membership => _memberships[^1].Membership;

    /// <summary>Highest term in which anybody led when the last entry was seen committed.</summary>
    public long LastCommitTermMax { get; private set; }

    /// <summary>Asked when an entry is seen committed: the highest term with a leader.</summary>
    public Func<long> HighestLeading { get; init; } = () => 0;

    /// <summary>Asked when a majority seems to be missing: the memberships that running leaders count by.</summary>
    public Func<IEnumerable<Membership>> LeadersMemberships { get; init; } = () => [];

    public Term TermAt(long index) => index == 0 ? Term.Zero : _entries[(int)index - 1].Term;

    /// <summary>A member's disk really holds its log up to here.</summary>
    public void Durable(NodeId member, LogIndex index) => _durable[member.Value] = index.Value;

    public long DurableOf(NodeId member) => _durable.GetValueOrDefault(member.Value);

    /// <summary>A member's disk is lost. What it held was acknowledged, perhaps, and is counted when that arrives.</summary>
    public void Forget(NodeId member)
    {
        _heldOnce[member.Value] = DurableOf(member);
        _durable.Remove(member.Value);
    }

    /// <summary>The membership in force after a committed entry.</summary>
    public Membership MembershipAt(long index)
    {
        var i = _memberships.Count - 1;
        while (_memberships[i].Index > index)
        {
            i--;
        }

        return _memberships[i].Membership;
    }

    /// <summary>What the member list must have answered to an operation, once its entry is committed.</summary>
    public bool TryAnswer(int operationId, out (RejectionCode? Refusal, NodeId Id) answer) =>
        _memberAnswers.TryGetValue(operationId, out answer);

    /// <summary>A member has applied an entry.</summary>
    /// <param name="counting">The membership that member counts by.</param>
    public void Applied(NodeId member, Entry entry, Membership counting)
    {
        var index = (int)entry.Index.Value;
        if (index <= _entries.Count)
        {
            var known = _entries[index - 1];
            if (known.Term != entry.Term || known.Kind != entry.Kind || !known.Payload.Span.SequenceEqual(entry.Payload.Span))
            {
                throw new SimulationFailure(
                    "I5", $"member {member} applied another entry at {index} (term {entry.Term}) than was committed there (term {known.Term})");
            }

            return;
        }

        if (index != _entries.Count + 1)
        {
            throw new SimulationFailure("I5", $"member {member} applied {index}, but {_entries.Count + 1} is not committed yet");
        }

        RequireDurable(member, entry, counting);
        _entries.Add(entry);
        Commit(index, entry);
    }

    public long RevisionAfter(long index) => _revisionAfter[(int)index];

    private void Commit(int index, in Entry entry)
    {
        var before = Model.Revision;
        LastCommitTermMax = HighestLeading();
        if (entry.Kind == EntryKind.Membership)
        {
            CommitMembership(entry);
        }

        Envelope? seen = null;
        int? operation = null;
        ModelResult? result = null;
        if (entry.Kind == EntryKind.Command)
        {
            if (!Envelope.TryDecode(entry.Payload, out var envelope))
            {
                throw new SimulationFailure("I5", $"entry {index} cannot be decoded");
            }

            seen = envelope;
            operation = _requests.TryGetValue((envelope.Origin, envelope.Incarnation, envelope.Sequence), out var id) ? id : null;
            if (envelope.Command is Command.StateReport report)
            {
                Members.Reported(report, envelope.Incarnation, index);
            }
            else if (envelope.Command is Command.MemberChange change)
            {
                var answer = Members.Apply(change, index);
                if (operation is { } asked)
                {
                    _memberAnswers[asked] = answer;
                    operation = null;
                }
            }

            var context = ContextOf(index, envelope);
            result = Model.Apply(envelope.Command, context);
            _order.Add(new CommittedEntry(envelope.Command, context, operation, Model.Revision));
            foreach (var (lease, cause) in Model.EndedLeases)
            {
                _leaseEnds.Add(new LeaseEnd(lease, scheduler.Now, cause));
            }
        }

        _revisionAfter.Add(Model.Revision);
        _floorAfter.Add(Model.CompactedRevision);
        _leasesAfter.Add(Model.LeaseStates(_leasesAfter[^1]));
        _authAfter.Add(seen?.Command is Command.AuthChange ? Model.DescribeAuth() : _authAfter[^1]);
        OnCommitted?.Invoke(seen, operation, result, before);
    }

    private void CommitMembership(in Entry entry)
    {
        if (!Membership.TryDecode(entry.Payload.Span, out var next))
        {
            throw new SimulationFailure("I9", $"the membership at {entry.Index} cannot be decoded");
        }

        ProtocolChecks.Follows(Membership, next);
        OnMembership?.Invoke(entry, Membership, next);
        _memberships.Add((entry.Index.Value, next));
    }

    /// <summary>
    /// What is committed is on the disks of a majority (I7, I8, I19): of the membership at its place, or of a later one that a
    /// leader counted by, which is in force from its append.
    /// </summary>
    private void RequireDurable(NodeId member, in Entry entry, Membership counting)
    {
        var index = entry.Index.Value;
        var ofEntry = entry.Kind == EntryKind.Membership && Membership.TryDecode(entry.Payload.Span, out var own) ? own : Membership;
        if (IsDurable(index, ofEntry) || IsDurable(index, counting) || LeadersMemberships().Any(membership => IsDurable(index, membership)))
        {
            return;
        }

        var holders = string.Join(' ', _durable.Where(pair => pair.Value >= index).Select(pair => new NodeId(pair.Key)));
        throw new SimulationFailure(
            "I7", $"member {member} applied {index}, which is durable on [{holders}] of the voters [{string.Join(' ', ofEntry.Voters)}]");
    }

    private bool IsDurable(long index, Membership membership)
    {
        var holders = 0;
        foreach (var voter in membership.Voters)
        {
            var held = Math.Max(_durable.GetValueOrDefault(voter.Value), _heldOnce.GetValueOrDefault(voter.Value));
            holders += held >= index ? 1 : 0;
        }

        return holders >= membership.Quorum;
    }

    private ModelContext ContextOf(int index, in Envelope envelope)
    {
        // The store clamps both times so that they never go back.
        _wallMs = Math.Max(_wallMs, envelope.WallTimeMs);
        _clusterMs = Math.Max(_clusterMs, envelope.ClusterTimeMs);
        return new ModelContext
        {
            WallMs = _wallMs,
            ClusterMs = _clusterMs,
            Author = envelope.Author,

            // A member's own commands count downwards.
            Credential = envelope.Sequence < 0 && envelope.Command is not Command.LeaseRenew ? Credential.Member : envelope.Credential,
            IdempotencyKey = envelope.IdempotencyKey.IsEmpty ? null : Encoding.UTF8.GetString(envelope.IdempotencyKey.Span),
            RequestHash = envelope.RequestHash,
            ChosenLeases = MayDraw(envelope.Command) ? DrawLeases((ulong)index) : [],
        };
    }

    private static bool MayDraw(Command command) =>
        command is Command.LeaseGrant { Id.IsNone: true } || (command is Command.Write write && MayDraw(write.Operation));

    private static bool MayDraw(Operation operation) => operation switch
    {
        Operation.Put put => put.OwnTtlSeconds > 0,
        Operation.Txn txn => txn.Then.Any(MayDraw) || txn.Else.Any(MayDraw),
        _ => false,
    };

    /// <summary>The ids a store draws from an entry's index when a lease comes without one, taken ones left out.</summary>
    private List<LeaseId> DrawLeases(ulong index)
    {
        const int LeasesOfEntryMax = 16;
        var draw = new SplitMix64(index);
        List<LeaseId> drawn = [];
        while (drawn.Count < LeasesOfEntryMax)
        {
            var id = new LeaseId((long)(draw.Next() & long.MaxValue));
            if (!id.IsNone && Model.FindLease(id) is null)
            {
                drawn.Add(id);
            }
        }

        return drawn;
    }
}

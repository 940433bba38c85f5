using System.Text;
using RestKv.Checkers.Leases;
using RestKv.Checkers.Model;
using RestKv.Checkers.Witness;
using RestKv.Core.Commands;
using RestKv.Core.Leases;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Raft;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Checks;

/// <summary>
/// The one order of entries that the cluster has committed, as the members show it, applied to the model as it grows. No
/// member may ever apply another entry at an index (I5), show another state after it (I12, I15, I16), or apply what is not
/// durable on a quorum (I7, I19).
/// </summary>
internal sealed class CommittedLog(Scheduler scheduler, int members)
{
    private readonly List<Entry> _entries = [];
    private readonly List<long> _revisionAfter = [1];
    private readonly List<long> _floorAfter = [0];
    private readonly List<string> _leasesAfter = [""];
    private readonly Dictionary<(long Origin, long Incarnation, long Sequence), int> _requests = [];
    private readonly List<CommittedEntry> _order = [];
    private readonly List<LeaseEnd> _leaseEnds = [];
    private readonly Dictionary<long, long> _durable = [];
    private long _wallMs;
    private long _clusterMs;

    public KvModel Model { get; } = new();

    public IReadOnlyList<CommittedEntry> Order => _order;

    public IReadOnlyList<LeaseEnd> LeaseEnds => _leaseEnds;

    public long LastIndex => _entries.Count;

    /// <summary>Told of each entry when it is first seen committed: entry, its operation, the model's result, revision before.</summary>
    public Action<Envelope?, int?, ModelResult?, long>? OnCommitted { get; set; }

    /// <summary>A client's request is about to reach a log under this id.</summary>
    public void Announce(long origin, long incarnation, long sequence, int operationId) =>
        _requests.Add((origin, incarnation, sequence), operationId);

    /// <summary>A member's disk really holds its log up to here.</summary>
    public void Durable(NodeId member, LogIndex index) => _durable[member.Value] = index.Value;

    /// <summary>A member has applied an entry.</summary>
    public void Applied(NodeId member, Entry entry)
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

        var holders = _durable.Values.Count(durable => durable >= index);
        if (holders < (members / 2) + 1)
        {
            throw new SimulationFailure("I7", $"member {member} applied {index}, which is durable on {holders} of {members} members");
        }

        _entries.Add(entry);
        Commit(index, entry);
    }

    /// <summary>A member shows a state; <paramref name="from"/> is the last revision that was compared before.</summary>
    public void Compare(NodeId member, long applied, ReadView view, long from)
    {
        if (view.Revision != _revisionAfter[(int)applied] || view.CompactedRevision != _floorAfter[(int)applied])
        {
            throw new SimulationFailure(
                "I12",
                $"member {member} at index {applied} shows revision {view.Revision} over floor {view.CompactedRevision},"
                    + $" not {_revisionAfter[(int)applied]} over {_floorAfter[(int)applied]}");
        }

        CompareChanges(member, view, Math.Max(from + 1, view.CompactedRevision));
    }

    /// <summary>Compares every live key at the view's revision and at its floor.</summary>
    public void CompareState(NodeId member, ReadView view)
    {
        var floor = Math.Max(1, view.CompactedRevision);
        foreach (var revision in new[] { view.Revision, floor, (view.Revision + floor) / 2 })
        {
            var expected = Model.Live(KeyRange.All, revision);
            var cursor = view.Scan(KeyRange.All, revision);
            var i = 0;
            while (cursor.MoveNext())
            {
                var difference = i < expected.Count
                    ? ReplyComparison.Differ(expected[i], cursor.Current)
                    : $"unexpected {ReplyComparison.Show(cursor.Current)}";
                if (difference is not null)
                {
                    throw new SimulationFailure("I15", $"member {member} at revision {revision}: {difference}");
                }

                i++;
            }

            if (i != expected.Count)
            {
                throw new SimulationFailure("I15", $"member {member} at revision {revision} misses {ReplyComparison.Show(expected[i])}");
            }
        }
    }

    /// <summary>Compares the leases: who has how long, until when, and which keys.</summary>
    public void CompareLeases(NodeId member, long applied, LeaseTable leases)
    {
        var found = Describe(leases.ToArray().OrderBy(lease => lease.Id.Value).Select(lease =>
        {
            List<ReadOnlyMemory<byte>> keys = [];
            leases.CollectKeys(lease.Id, keys);
            return (lease.Id, lease.TtlSeconds, lease.DeadlineMs, keys.Count);
        }));
        if (found != _leasesAfter[(int)applied])
        {
            throw new SimulationFailure("I30", $"member {member} at index {applied} has leases {found}, not {_leasesAfter[(int)applied]}");
        }
    }

    public long RevisionAfter(long index) => _revisionAfter[(int)index];

    private void CompareChanges(NodeId member, ReadView view, long from)
    {
        using var expected = Model.ChangesBetween(from, view.Revision).GetEnumerator();
        var cursor = view.Changes(from);
        while (cursor.MoveNext())
        {
            var change = cursor.Current;
            if (!expected.MoveNext())
            {
                throw new SimulationFailure("I12", $"member {member} has a change at {change.KeyValue.ModRevision} too many");
            }

            if (ReplyComparison.Differ(expected.Current, change) is { } difference)
            {
                throw new SimulationFailure("I12", $"member {member}: change at {change.KeyValue.ModRevision}: {difference}");
            }
        }

        if (expected.MoveNext())
        {
            throw new SimulationFailure("I12", $"member {member} misses {ReplyComparison.Show(expected.Current)}");
        }
    }

    private void Commit(int index, in Entry entry)
    {
        var before = Model.Revision;
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
        _leasesAfter.Add(Describe(Model.Leases.OrderBy(id => id.Value).Select(id =>
        {
            var (ttl, deadline, keys) = Model.FindLease(id).GetValueOrDefault();
            return (id, ttl, deadline, keys.Count);
        })));
        OnCommitted?.Invoke(seen, operation, result, before);
    }

    private static string Describe(IEnumerable<(LeaseId Id, long TtlSeconds, long DeadlineMs, int Keys)> leases) =>
        string.Join(' ', leases.Select(lease => FormattableString.Invariant(
            $"{lease.Id.Value:x}:{lease.TtlSeconds}s<{lease.DeadlineMs}+{lease.Keys}")));

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
            IdempotencyKey = envelope.IdempotencyKey.IsEmpty ? null : Encoding.UTF8.GetString(envelope.IdempotencyKey.Span),
            RequestHash = envelope.RequestHash,
            ChosenLeases = DrawLeases((ulong)index),
        };
    }

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

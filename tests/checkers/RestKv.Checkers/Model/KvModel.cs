using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Checkers.Model;

/// <summary>
/// The store as the contract tells it, in the dumbest way: every change is kept for ever in lists, every question walks
/// them. Written from the etcd contract (section 2) and the API reference, not from the product; the two are compared.
/// Compaction only moves a floor, so a checker may still ask for the state at any revision.
/// </summary>
public sealed partial class KvModel
{
    private readonly SortedDictionary<string, List<ModelChange>> _keys = new(StringComparer.Ordinal);
    private readonly List<ModelChange> _changes = [];
    private readonly List<int> _firstChange = [0, 0];
    private readonly SortedDictionary<long, ModelLease> _leases = [];
    private readonly Dictionary<(string Author, string Key), Settled> _settled = [];
    private readonly Queue<((string Author, string Key) Id, long ClusterMs)> _settledOrder = [];
    private ModelContext _context = ModelContext.Empty;
    private readonly List<(LeaseId Id, DeleteCause Cause)> _endedLeases = [];
    private int _chosenUsed;
    private int _sub;

    /// <summary>The current revision; an empty store is at 1.</summary>
    public long Revision { get; private set; } = 1;

    /// <summary>Reads below it are refused; 0 when nothing was ever compacted.</summary>
    public long CompactedRevision { get; private set; }

    public Retention Retention { get; private set; } = Retention.Default;

    /// <summary>Every change ever made, in order.</summary>
    public IReadOnlyList<ModelChange> Changes => _changes;

    /// <summary>Leases that ended with the last entry, and why.</summary>
    public IReadOnlyList<(LeaseId Id, DeleteCause Cause)> EndedLeases => _endedLeases;

    public IEnumerable<LeaseId> Leases => _leases.Keys.Select(id => new LeaseId(id));

    /// <summary>Applies one entry of the log.</summary>
    public ModelResult Apply(Command command, ModelContext context)
    {
        _context = context;
        _chosenUsed = 0;
        _sub = 0;
        _endedLeases.Clear();
        if (RefusalOf(command) is var code and not RejectionCode.None)
        {
            return Refuse(new Rejection(code));
        }

        if (command is not Command.SettleOutcome && context.IdempotencyKey is { } key)
        {
            return ApplyOnce(command, (context.Author, key));
        }

        return IsAllowed(command) ? Execute(command) : Refuse(new Rejection(RejectionCode.PermissionDenied));
    }

    /// <summary>Changes with a revision in [from, to], in order.</summary>
    public IEnumerable<ModelChange> ChangesBetween(long from, long to)
    {
        var first = from < _firstChange.Count ? _firstChange[(int)Math.Max(from, 0)] : _changes.Count;
        for (var i = first; i < _changes.Count && _changes[i].Revision <= to; i++)
        {
            yield return _changes[i];
        }
    }

    /// <summary>The key as it was at a revision, or null.</summary>
    public KeyValue? Find(string name, long revision)
    {
        if (!_keys.TryGetValue(name, out var versions))
        {
            return null;
        }

        var last = LastAt(versions, revision);
        return last < 0 || versions[last].IsDelete ? null : versions[last].Entry;
    }

    /// <summary>Live keys of a range at a revision, in byte order.</summary>
    public List<KeyValue> Live(KeyRange range, long revision)
    {
        List<KeyValue> live = [];
        if (range.Kind == KeyRangeKind.Single)
        {
            if (Find(Bytes.Name(range.Start), revision) is { } single)
            {
                live.Add(single);
            }

            return live;
        }

        var start = Bytes.Name(range.Start);
        var end = range.Kind == KeyRangeKind.From ? null : Bytes.Name(range.End);
        foreach (var name in _keys.Keys)
        {
            if (string.CompareOrdinal(name, start) >= 0
                && (end is null || string.CompareOrdinal(name, end) < 0)
                && Find(name, revision) is { } entry)
            {
                live.Add(entry);
            }
        }

        return live;
    }

    /// <summary>Versions and deletions of a key, newest first, at or below a revision.</summary>
    public IEnumerable<ModelChange> Versions(string name, long revision)
    {
        if (_keys.TryGetValue(name, out var versions))
        {
            for (var i = LastAt(versions, revision); i >= 0; i--)
            {
                yield return versions[i];
            }
        }
    }

    /// <summary>All leases in the order of their ids; the array given when nothing differs from it.</summary>
    public ModelLeaseState[] LeaseStates(ModelLeaseState[] before)
    {
        var differs = before.Length != _leases.Count;
        var i = 0;
        foreach (var (id, lease) in _leases)
        {
            differs = differs || before[i] != StateOf(id, lease);
            i++;
        }

        return differs ? [.. _leases.Select(pair => StateOf(pair.Key, pair.Value))] : before;
    }

    /// <summary>Granted TTL, deadline in cluster time and keys of a lease; null when there is none.</summary>
    public (long TtlSeconds, long DeadlineMs, IReadOnlyList<string> Keys)? FindLease(LeaseId id) =>
        _leases.TryGetValue(id.Value, out var lease) ? (lease.TtlSeconds, lease.DeadlineMs, [.. lease.Keys]) : null;

    internal static bool IsIn(KeyRange range, string name) => range.Kind switch
    {
        KeyRangeKind.Single => name == Bytes.Name(range.Start),
        KeyRangeKind.From => string.CompareOrdinal(name, Bytes.Name(range.Start)) >= 0,
        _ => string.CompareOrdinal(name, Bytes.Name(range.Start)) >= 0
            && string.CompareOrdinal(name, Bytes.Name(range.End)) < 0,
    };

    private static ModelLeaseState StateOf(long id, ModelLease lease) => new(id, lease.TtlSeconds, lease.DeadlineMs, lease.Keys.Count);

    /// <summary>Place of the newest version at or below a revision, or -1.</summary>
    private static int LastAt(List<ModelChange> versions, long revision)
    {
        var low = 0;
        var high = versions.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = versions[middle].Revision <= revision ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    private ModelResult Execute(Command command)
    {
        if (_context.RefusedForSpace)
        {
            return Refuse(new Rejection(RejectionCode.NoSpace));
        }

        var result = command switch
        {
            Command.Write write => ExecuteWrite(write.Operation),
            Command.Compact compact => ExecuteCompact(compact.Revision, compact.MustAdvance),
            Command.LeaseGrant grant => ExecuteGrant(grant),
            Command.LeaseRenew renew => ExecuteRenew(renew),
            Command.LeaseRenewFor renew => ExecuteRenewFor(renew),
            Command.LeaseRevoke revoke => ExecuteRevoke(revoke),
            Command.LeaseExpire expire => ExecuteExpire(expire),
            Command.SettleOutcome settle => ExecuteSettle(settle),
            Command.SetRetention set => ExecuteRetention(set),
            Command.AuthChange change => ExecuteAuth(change),
            _ => Accept(new OperationResult.Kept(Revision)),
        };
        Invariant.Check(_firstChange.Count == Revision + 1);
        return result;
    }

    private ModelResult ExecuteCompact(long revision, bool mustAdvance)
    {
        if (revision > Revision)
        {
            return Refuse(new Rejection(RejectionCode.RevisionInFuture, Revision));
        }

        // The native call takes it for done when it was done before, etcd's does not (contract 2.7).
        if (mustAdvance && revision <= CompactedRevision)
        {
            return Refuse(new Rejection(RejectionCode.RevisionCompacted, CompactedRevision));
        }

        CompactedRevision = Math.Max(CompactedRevision, revision);
        return Accept(new OperationResult.Compacted(Revision, CompactedRevision));
    }

    private ModelResult ExecuteRetention(Command.SetRetention set)
    {
        Retention = set.Retention;
        return Accept(new OperationResult.RetentionSet(Revision, Retention));
    }

    private void Record(string name, KeyValue entry, DeleteCause cause, KeyValue? previous)
    {
        if (_sub == 0)
        {
            // The first change of an entry opens its revision; the others share it.
            Revision++;
            _firstChange.Add(_changes.Count);
        }

        Invariant.Check(entry.ModRevision == Revision);
        var change = new ModelChange(name, entry, cause, _sub, previous);
        _sub++;
        _changes.Add(change);
        if (!_keys.TryGetValue(name, out var versions))
        {
            versions = [];
            _keys.Add(name, versions);
        }

        versions.Add(change);
    }

    /// <summary>The revision that a change made now would have.</summary>
    private long RevisionOfChange() => _sub == 0 ? Revision + 1 : Revision;

    private static ModelResult Accept(OperationResult result) => new(result, []);

    private ModelResult Refuse(params Rejection[] reasons) =>
        new(new OperationResult.Rejected(Revision, reasons[0]), reasons);
}

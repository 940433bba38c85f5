using System.Buffers.Binary;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Leases;

/// <summary>
/// The replicated leases: time to live, deadline in cluster time and attached keys. Owned by the replica thread.
/// Attached keys are one packed tree of (lease id, key), so that they cost no objects and come out in byte order.
/// </summary>
public sealed class LeaseTable
{
    private readonly SortedDictionary<long, Lease> _leases = [];
    private readonly SortedSet<(long DeadlineMs, long Id)> _deadlines = [];
    private readonly PackedTree _attached = new(MvccOptions.Default);
    private readonly List<long> _emptied = [];
    private byte[] _scratch = new byte[256];

    public int Count => _leases.Count;

    public bool Contains(LeaseId id) => _leases.ContainsKey(id.Value);

    public bool TryGet(LeaseId id, out LeaseFacts facts)
    {
        if (_leases.TryGetValue(id.Value, out var lease))
        {
            facts = new LeaseFacts(id, lease.TtlSeconds, lease.DeadlineMs, lease.IsOwned);
            return true;
        }

        facts = default;
        return false;
    }

    /// <param name="isOwned">Made by a put with a time to live: goes away with its last key.</param>
    public void Grant(LeaseId id, long ttlSeconds, long deadlineMs, bool isOwned)
    {
        Invariant.Check(!id.IsNone);
        _leases.Add(id.Value, new Lease { TtlSeconds = ttlSeconds, DeadlineMs = deadlineMs, IsOwned = isOwned });
        _deadlines.Add((deadlineMs, id.Value));
    }

    /// <summary>Starts the time anew; the granted seconds, or 0 for an unknown lease.</summary>
    public long Renew(LeaseId id, long nowMs)
    {
        if (!_leases.TryGetValue(id.Value, out var lease))
        {
            return 0;
        }

        if (Defects.Has(Defect.RenewNothing))
        {
            return lease.TtlSeconds;
        }

        _deadlines.Remove((lease.DeadlineMs, id.Value));
        lease.DeadlineMs = nowMs + (lease.TtlSeconds * 1000);
        _deadlines.Add((lease.DeadlineMs, id.Value));
        return lease.TtlSeconds;
    }

    /// <summary>Forgets a lease and its attachments; its keys are the caller's business.</summary>
    public void Remove(LeaseId id)
    {
        var keys = new List<ReadOnlyMemory<byte>>();
        CollectKeys(id, keys);
        foreach (var key in keys)
        {
            _attached.Remove(Compose(id.Value, key.Span));
        }

        Invariant.Check(_leases.Remove(id.Value, out var lease));
        _deadlines.Remove((lease.DeadlineMs, id.Value));
    }

    /// <summary>Of <see cref="Defect.InstallKeepsLeases"/> alone.</summary>
    internal void KeepAll(LeaseTable older)
    {
        foreach (var (id, lease) in older._leases)
        {
            if (_leases.TryAdd(id, lease))
            {
                _deadlines.Add((lease.DeadlineMs, id));
            }
        }
    }

    public void Attach(LeaseId id, ReadOnlySpan<byte> key)
    {
        _attached.Set(Compose(id.Value, key), 0);
        _leases[id.Value].Attached++;
    }

    /// <summary>Takes a key off its lease; a lease that belonged to it goes with <see cref="EndEmptied"/>.</summary>
    public void Detach(LeaseId id, ReadOnlySpan<byte> key)
    {
        if (!_leases.TryGetValue(id.Value, out var lease))
        {
            return;
        }

        _attached.Remove(Compose(id.Value, key));
        lease.Attached--;
        if (lease.IsOwned && lease.Attached == 0)
        {
            _emptied.Add(id.Value);
        }
    }

    /// <summary>
    /// Ends the leases made by a put whose last key is gone. Only when a request is complete: until then another of its puts
    /// may name such a lease, which was there when the request was checked.
    /// </summary>
    public void EndEmptied()
    {
        foreach (var id in _emptied)
        {
            if (_leases.TryGetValue(id, out var lease) && lease.Attached == 0)
            {
                _leases.Remove(id);
                _deadlines.Remove((lease.DeadlineMs, id));
            }
        }

        _emptied.Clear();
    }

    /// <summary>Attached keys in byte order.</summary>
    public void CollectKeys(LeaseId id, List<ReadOnlyMemory<byte>> into)
    {
        var prefix = Compose(id.Value, default).ToArray();
        var cursor = new TreeCursor(_attached.Root);
        for (var found = cursor.SeekCeiling(prefix); found && cursor.Key.StartsWith(prefix); found = cursor.MoveNext())
        {
            into.Add(cursor.Key[8..].ToArray());
        }
    }

    /// <summary>
    /// Whether every attached key is in the set. Keys between two places in one interval are not looked at, so this takes time
    /// in proportion to the intervals and not to the keys.
    /// </summary>
    public bool AllKeysAreIn(LeaseId id, KeySet set)
    {
        var prefix = Compose(id.Value, default).ToArray();
        var cursor = new TreeCursor(_attached.Root);
        var found = cursor.SeekCeiling(prefix);
        while (found && cursor.Key.StartsWith(prefix))
        {
            if (!set.TryFindEnd(cursor.Key[8..], out var end))
            {
                return false;
            }

            if (end is null)
            {
                return true;
            }

            found = cursor.SeekCeiling(Compose(id.Value, end));
        }

        return true;
    }

    /// <summary>Leases past their deadline that nobody works on yet, the earliest first.</summary>
    public void CollectDue(long nowMs, HashSet<long> taken, int max, List<LeaseId> into)
    {
        foreach (var (deadlineMs, id) in _deadlines)
        {
            if (deadlineMs > nowMs || into.Count >= max)
            {
                break;
            }

            if (!taken.Contains(id))
            {
                into.Add(new LeaseId(id));
            }
        }
    }

    /// <summary>Leases in id order after <paramref name="after"/>.</summary>
    public bool Page(LeaseId? after, int limit, List<LeaseFacts> into)
    {
        foreach (var (id, lease) in _leases)
        {
            if (after is { } floor && id <= floor.Value)
            {
                continue;
            }

            if (into.Count == limit)
            {
                return true;
            }

            into.Add(new LeaseFacts(new LeaseId(id), lease.TtlSeconds, lease.DeadlineMs, lease.IsOwned));
        }

        return false;
    }

    /// <summary>Every lease in id order: what a snapshot keeps (attachments are rebuilt from the keys).</summary>
    public LeaseFacts[] ToArray()
    {
        var all = new List<LeaseFacts>(_leases.Count);
        Page(null, int.MaxValue, all);
        return [.. all];
    }

    private Span<byte> Compose(long id, ReadOnlySpan<byte> key)
    {
        if (_scratch.Length < 8 + key.Length)
        {
            _scratch = new byte[8 + key.Length];
        }

        BinaryPrimitives.WriteInt64BigEndian(_scratch, id);
        key.CopyTo(_scratch.AsSpan(8));
        return _scratch.AsSpan(0, 8 + key.Length);
    }

    private sealed class Lease
    {
        public long TtlSeconds { get; init; }

        public long DeadlineMs { get; set; }

        public bool IsOwned { get; init; }

        public int Attached { get; set; }
    }
}

/// <param name="DeadlineMs">Cluster time at which it is due.</param>
/// <param name="IsOwned">Made by a put with a time to live: goes away with its last key.</param>
public readonly record struct LeaseFacts(LeaseId Id, long TtlSeconds, long DeadlineMs, bool IsOwned);
